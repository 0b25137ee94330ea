"""Pictures of a device that libav has opened: a camera or a screen."""

from __future__ import annotations

from collections.abc import Sequence

from av.container import InputContainer
from av.video.reformatter import Colorspace

from eyeline.processing.errors import SourceError
from eyeline.processing.frame import CapturedFrame
from eyeline.processing.sources.decoding import VideoDecoder
from eyeline.processing.sources.device_input import DeviceInput, Options, captured_at_s
from eyeline.processing.sources.fitting import Box, FrameFitter
from eyeline.processing.sources.pace import FrameRateLimit


class DeviceVideo:
    """Opened once; until then there is no picture.

    Args:
        box: The largest picture wanted, and the rate.
        unsaid: The colours of pictures that do not say which they have; `None` for what their size tells.
    """

    def __init__(self, box: Box, *, unsaid: Colorspace | None = None) -> None:
        self._input: DeviceInput | None = None
        self._decoder: VideoDecoder | None = None
        self._fitter = FrameFitter(box, unsaid=unsaid)
        self._limit = FrameRateLimit(box.fps)

    def open(self, address: str, form: str, what: str, wishes: Sequence[Options], *, hint: str = "") -> InputContainer:
        """Open the device.

        Args:
            address: What libav opens.
            form: libav's name of the kind of device.
            what: The device, to begin a sentence with.
            wishes: Options, of which the first that it takes are used.
            hint: What to do where it gives no picture.

        Raises:
            SourceError: It cannot be opened, or gives no picture.
        """
        self._input = DeviceInput(address, form, what)
        container = self._input.open(wishes)
        if not container.streams.video:
            self._input.close()
            raise SourceError(f"{what} gives no picture.", hint=hint)
        self._decoder = VideoDecoder(container.streams.video[0], what, from_keyframe=False)
        return container

    def read(self) -> CapturedFrame | None:
        """The next picture, with the time at which the driver got it; `None` when there is none or it is not due."""
        packet = self._input.packet() if self._input else None
        if packet is None or self._decoder is None:
            return None
        at_s = captured_at_s(packet)
        frames = self._decoder.decode(packet)
        if not frames or not self._limit.admits(at_s):
            return None
        return CapturedFrame(self._fitter.fit(frames[-1]), at_s)

    def skip(self) -> bool:
        """Take a picture from the driver and drop it: each stands for itself."""
        return self._input is not None and self._input.packet() is not None

    def close(self) -> None:
        """Give the device back."""
        if self._input is not None:
            self._input.close()
