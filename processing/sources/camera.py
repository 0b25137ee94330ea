"""A camera of this machine: V4L2 on Linux, AVFoundation on macOS, DirectShow on Windows."""

from __future__ import annotations

import logging
from collections.abc import Callable

from av.container import InputContainer
from av.video.reformatter import Colorspace

from eyeline.processing.errors import SourceBusyError, SourceDeniedError, SourceError
from eyeline.processing.frame import CapturedFrame
from eyeline.processing.sources.device_input import Options
from eyeline.processing.sources.device_video import DeviceVideo
from eyeline.processing.sources.devices import LINUX, SYSTEM, camera_addresses
from eyeline.processing.sources.fitting import Box

log = logging.getLogger(__name__)


class CameraReader:
    """Reads one camera until it is unplugged.

    Args:
        device: Number, path or name; empty for the first one that gives a picture.
        box: Size and rate to ask the camera for; it may have others.
        form: libav's name of the kind of device.
        find: Says what libav may open for `device`.
    """

    def __init__(
        self,
        device: str,
        box: Box,
        *,
        form: str = SYSTEM.cameras,
        find: Callable[[str], list[str]] = camera_addresses,
    ) -> None:
        self._device = device
        self._box = box
        self._form = form
        self._find = find
        self._video = DeviceVideo(box, unsaid=Colorspace.ITU601)

    def open(self) -> None:
        """Open the camera and ask it for size and rate.

        Raises:
            SourceBusyError: Another program has it.
            SourceDeniedError: This user may not open it.
            SourceMissingError: There is none.
            SourceError: It cannot be opened for another reason.
        """
        errors: list[SourceError] = []
        for address in self._find(self._device):
            try:
                self._open(address)
            except SourceError as error:
                errors.append(error)
            else:
                return
        telling = (error for error in errors if isinstance(error, SourceBusyError | SourceDeniedError))
        raise next(telling, errors[0])

    def read(self) -> CapturedFrame | None:
        """The next frame, with the time at which the driver got it."""
        return self._video.read()

    def skip(self) -> bool:
        """Take a frame from the driver and drop it; every frame of a camera stands for itself."""
        return self._video.skip()

    def close(self) -> None:
        """Give the camera back."""
        self._video.close()

    def _open(self, address: str) -> None:
        what = f"The camera {address}"
        container = self._video.open(address, self._form, what, self._wishes(), hint="Choose another one.")
        _log_mode(what, container)

    def _wishes(self) -> list[Options]:
        """As JPEG first: USB has no room for large raw pictures at full rate."""
        size = {"video_size": f"{self._box.width_px}x{self._box.height_px}"}
        rate = {"framerate": str(self._box.fps)}
        wishes: list[Options] = [size | rate, size, rate, {}]
        return [{**size, **rate, "input_format": "mjpeg"}, *wishes] if self._form == LINUX.cameras else wishes


def _log_mode(what: str, container: InputContainer) -> None:
    codec = container.streams.video[0].codec_context
    rate = container.streams.video[0].average_rate
    log.info("%s gives %s %dx%d at %s fps", what, codec.name, codec.width, codec.height, rate or "unknown")
