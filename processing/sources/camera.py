"""A camera of this machine: V4L2 on Linux, AVFoundation on macOS, DirectShow on Windows."""

from __future__ import annotations

import logging
from collections.abc import Callable

from av.container import InputContainer
from av.video.reformatter import Colorspace

from eyeline.processing.errors import SourceBusyError, SourceDeniedError, SourceError
from eyeline.processing.frame import CapturedFrame
from eyeline.processing.sources.decoding import VideoDecoder
from eyeline.processing.sources.device_input import DeviceInput, Options, captured_at_s
from eyeline.processing.sources.devices import LINUX, SYSTEM, camera_addresses
from eyeline.processing.sources.fitting import Box, FrameFitter
from eyeline.processing.sources.pace import FrameRateLimit

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
        self._input: DeviceInput | None = None
        self._decoder: VideoDecoder | None = None
        self._fitter = FrameFitter(box, unsaid=Colorspace.ITU601)
        self._limit = FrameRateLimit(box.fps)

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
        packet = self._input.packet() if self._input else None
        if packet is None or self._decoder is None:
            return None
        at_s = captured_at_s(packet)
        frames = self._decoder.decode(packet)
        if not frames or not self._limit.admits(at_s):
            return None
        return CapturedFrame(self._fitter.fit(frames[-1]), at_s)

    def skip(self) -> bool:
        """Take a frame from the driver and drop it; every frame of a camera stands for itself."""
        return self._input is not None and self._input.packet() is not None

    def close(self) -> None:
        """Give the camera back."""
        if self._input is not None:
            self._input.close()

    def _open(self, address: str) -> None:
        what = f"The camera {address}"
        self._input = DeviceInput(address, self._form, what)
        container = self._input.open(self._wishes())
        if not container.streams.video:
            self._input.close()
            raise SourceError(f"{what} gives no picture.", hint="Choose another one.")
        self._decoder = VideoDecoder(container.streams.video[0], what, from_keyframe=False)
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
