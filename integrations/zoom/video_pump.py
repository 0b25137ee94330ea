"""From our video track to the bridge's ring: the newest picture, at the size that Zoom suggests, while it takes any."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import av
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError

from eyeline.integrations.zoom.bridge.messages import VideoSize
from eyeline.integrations.zoom.bridge.pictures import PictureWriter
from eyeline.processing.frame import I420Image, fit_within
from eyeline.processing.letterbox import letterboxed

log = logging.getLogger(__name__)

LARGEST_PX: Final = (1920, 1080)
RING_BYTES: Final = LARGEST_PX[0] * LARGEST_PX[1] * 3 // 2


class VideoPump:
    """Reads the track only while pictures are wanted, so that nothing is made for nobody.

    Args:
        track: Ours; read and never stopped.
        ring: Where the bridge looks.
        wake: Tells the bridge to look.
        max_height_px: The tallest picture that is sent, whatever is suggested.
    """

    def __init__(
        self,
        track: MediaStreamTrack,
        ring: PictureWriter,
        wake: Callable[[], None],
        max_height_px: int = LARGEST_PX[1],
    ) -> None:
        self._track = track
        self._ring = ring
        self._wake = wake
        self._box_px = LARGEST_PX[0], min(max_height_px, LARGEST_PX[1])
        self._size_px: tuple[int, int] | None = None
        self._interval_s = 0.0
        self._due_s = 0.0
        self._wanted = asyncio.Event()
        self.pictures = 0

    def resize(self, size: VideoSize) -> VideoSize:
        """Send this size from now on, and no more pictures than that; odd sides lose a pixel.

        Returns:
            What is sent: smaller where ours is the limit.
        """
        width_px, height_px = max(2, size.width_px // 2 * 2), max(2, size.height_px // 2 * 2)
        self._size_px = fit_within(width_px, height_px, *self._box_px)
        self._interval_s = 1 / size.fps if size.fps > 0 else 0.0
        return VideoSize(*self._size_px, size.fps)

    def want(self, wanted: bool) -> None:
        """Whether pictures are taken from now on."""
        if wanted:
            self._wanted.set()
        else:
            self._wanted.clear()

    async def run(self) -> None:
        """Hand pictures over until the track ends; to be cancelled."""
        loop = asyncio.get_running_loop()
        executor = ThreadPoolExecutor(1, "zoom-pictures")
        try:
            while True:
                await self._wanted.wait()
                frame = await self._track.recv()
                now_s = time.monotonic()
                size_px = self._size_px
                if not isinstance(frame, av.VideoFrame) or size_px is None or not self._is_due(now_s):
                    continue
                if (frame.width, frame.height) == size_px and (planes := _packed(frame)) is not None:
                    self._ring.write(*size_px, now_s, *planes)  # 0.2 ms; a thread would take as much again
                else:
                    await loop.run_in_executor(executor, self._write_fitted, frame, size_px, now_s)
                self.pictures += 1
                self._wake()
        except MediaStreamError:
            log.debug("our video track ended")
        finally:
            executor.shutdown(cancel_futures=True)  # a millisecond: the ring must outlive what is written to it

    def _is_due(self, now_s: float) -> bool:
        """Whether a picture may go now: on the average no more than Zoom wants."""
        if not self._wanted.is_set() or now_s < self._due_s - self._interval_s / 2:
            return False
        self._due_s = max(self._due_s, now_s - self._interval_s / 2) + self._interval_s
        return True

    def _write_fitted(self, frame: av.VideoFrame, size_px: tuple[int, int], captured_at_s: float) -> None:
        self._ring.write(*size_px, captured_at_s, letterboxed(_image(frame), *size_px).data.data)


def _packed(frame: av.VideoFrame) -> list[memoryview] | None:
    """The planes as they lie, where they lie without padding."""
    if frame.format.name != "yuv420p":
        return None
    widths = (frame.width, frame.width // 2, frame.width // 2)
    if any(plane.line_size != width for plane, width in zip(frame.planes, widths, strict=True)):
        return None
    planes: list[Any] = list(frame.planes)  # buffers, which PyAV's stubs do not say
    return [memoryview(plane).cast("B") for plane in planes]


def _image(frame: av.VideoFrame) -> I420Image:
    return I420Image.from_video_frame(frame if frame.format.name == "yuv420p" else frame.reformat(format="yuv420p"))
