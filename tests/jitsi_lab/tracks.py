"""Synthetic pictures and sound to publish."""

from __future__ import annotations

import asyncio
from fractions import Fraction

import av
import numpy as np
from aiortc import MediaStreamTrack, VideoStreamTrack

RATE_HZ = 48_000
SAMPLES = 960


class PlainPicture(VideoStreamTrack):
    """One colour at 30 pictures a second, which may be changed at any time.

    Args:
        bgr: Its colour.
        width_px: Even.
        height_px: Even.
    """

    def __init__(self, bgr: tuple[int, int, int], width_px: int = 320, height_px: int = 180) -> None:
        super().__init__()
        self.bgr = bgr
        self._shape = (height_px, width_px, 3)

    async def recv(self) -> av.VideoFrame:
        """The next picture."""
        pts, time_base = await self.next_timestamp()
        pixels = np.empty(self._shape, np.uint8)
        pixels[:] = self.bgr
        frame = av.VideoFrame.from_ndarray(pixels, format="bgr24")
        frame.pts, frame.time_base = pts, time_base
        return frame


class Tone(MediaStreamTrack):
    """A sine of 440 Hz, mono, in frames of 20 ms.

    Args:
        amplitude: 0 to 1.
    """

    kind = "audio"

    def __init__(self, amplitude: float = 0.5) -> None:
        super().__init__()
        self.amplitude = amplitude
        self._position = 0
        self._started_at_s: float | None = None

    async def recv(self) -> av.AudioFrame:
        """The next 20 ms."""
        now_s = asyncio.get_running_loop().time()
        if self._started_at_s is None:
            self._started_at_s = now_s
        await asyncio.sleep(max(0.0, self._started_at_s + self._position / RATE_HZ - now_s))
        phase = 2 * np.pi * 440 / RATE_HZ * np.arange(self._position, self._position + SAMPLES)
        samples = (32767 * self.amplitude * np.sin(phase)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, self._position, Fraction(1, RATE_HZ)
        self._position += SAMPLES
        return frame
