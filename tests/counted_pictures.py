"""Pictures that carry their number in their pixels, and readers of it."""

from __future__ import annotations

import asyncio
import time
from fractions import Fraction

import numpy as np
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import VideoFrame
from numpy.typing import NDArray

BITS = 16
BLOCK_PX = 20
_BLACK, _WHITE = 16, 235


def draw_number(luma: NDArray[np.uint8], number: int) -> None:
    """Write a number as a row of black and white blocks along the top."""
    for bit in range(BITS):
        left = bit * BLOCK_PX
        luma[:BLOCK_PX, left : left + BLOCK_PX] = _WHITE if number >> bit & 1 else _BLACK


def read_number(frame: VideoFrame) -> int:
    """The number in a decoded picture."""
    plane = frame.planes[0]
    luma = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    centre = luma[BLOCK_PX // 2, BLOCK_PX // 2 : BITS * BLOCK_PX : BLOCK_PX]
    return sum(1 << bit for bit, level in enumerate(centre) if level > 125)


def picture(number: int, width_px: int = 640, height_px: int = 360, *, detail: int = 12) -> VideoFrame:
    """A picture with texture that moves; `detail` sets how much there is to encode."""
    noise = np.random.default_rng(number % 7)
    packed = np.full((height_px * 3 // 2, width_px), 128, np.uint8)
    columns = (np.arange(width_px) * 3 + number * 5) % 200 + 20
    packed[:height_px] = columns.astype(np.uint8)
    packed[:height_px] += noise.integers(0, detail, (height_px, width_px), np.uint8)
    draw_number(packed, number)
    return VideoFrame.from_ndarray(packed, format="yuv420p")


class CountedTrack(MediaStreamTrack):
    """Numbered pictures at a steady rate; whoever comes late gets the newest one.

    Args:
        rate_hz: Pictures a second.
        big_clock: Whether pts is on the monotonic clock instead of from 0.

    Attributes:
        number: Of the picture that is due now.
    """

    kind = "video"

    def __init__(
        self, rate_hz: int = 30, width_px: int = 640, height_px: int = 360, *, big_clock: bool = False
    ) -> None:
        super().__init__()
        self.given = 0
        self._rate_hz = rate_hz
        self._size = (width_px, height_px)
        self._begun_at_s: float | None = None
        self._last = -1
        self._big_clock = big_clock
        self._pictures = [picture(number, *self._size).to_ndarray() for number in range(8)]

    @property
    def number(self) -> int:
        return 0 if self._begun_at_s is None else int((time.monotonic() - self._begun_at_s) * self._rate_hz)

    async def recv(self) -> VideoFrame:
        if self.readyState != "live":
            raise MediaStreamError
        if self._begun_at_s is None:
            self._begun_at_s = time.monotonic()
        due_s = self._begun_at_s + (self._last + 1) / self._rate_hz
        await asyncio.sleep(max(0.0, due_s - time.monotonic()))
        self._last = number = max(self._last + 1, self.number)
        packed = self._pictures[number % len(self._pictures)].copy()
        draw_number(packed, number % (1 << BITS))
        frame = VideoFrame.from_ndarray(packed, format="yuv420p")
        origin_s = self._begun_at_s if self._big_clock else 0.0
        frame.pts, frame.time_base = round((origin_s + number / self._rate_hz) * 90_000), Fraction(1, 90_000)
        self.given += 1
        return frame
