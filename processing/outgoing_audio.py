"""The sound that goes out: 20 ms blocks on a steady time line, as late as the picture, silence where none came."""

from __future__ import annotations

import asyncio
import time
from fractions import Fraction

import av
import numpy as np

from eyeline.processing.delay_line import DelayLine
from eyeline.processing.delay_tap import DelayTap
from eyeline.processing.latency import LatencyMeter
from eyeline.processing.sound import BLOCK_MS, BLOCK_SAMPLES, SAMPLE_RATE_HZ, Samples

# What the receiver hears later than the timestamps say: an Opus encoder looks ahead by this much.
ENCODER_DELAY_S = 0.0065
_FORMAT, _LAYOUT = av.AudioFormat("s16"), av.AudioLayout("mono")
_TIME_BASE = Fraction(1, SAMPLE_RATE_HZ)


class OutgoingAudio:
    """Takes the sound of one source; every reader has it at its own delay."""

    def __init__(self) -> None:
        self._line = DelayLine()

    def put(self, samples: Samples, captured_at_s: float) -> None:
        """Take what comes next. May be called from any one thread.

        Args:
            samples: `int16`, mono, 48 kHz, shape `(samples,)`: a block, or of any length up to a second.
            captured_at_s: When its first sample was captured, on the monotonic clock.

        Raises:
            ValueError: The sound has another shape or type.
        """
        if samples.ndim != 1 or len(samples) > SAMPLE_RATE_HZ or samples.dtype != np.int16:
            raise ValueError(f"expected up to a second of int16 samples, not {samples.shape} {samples.dtype}")
        self._line.write(samples, captured_at_s, time.monotonic())

    def reader(self, latency: LatencyMeter) -> AudioReader:
        """A new reader, which waits for the pictures that `latency` measures."""
        return AudioReader(DelayTap(self._line), latency)


class AudioReader:
    """One reader's time line.

    Args:
        tap: Where the sound comes from.
        latency: Of the pictures beside it.
    """

    def __init__(self, tap: DelayTap, latency: LatencyMeter) -> None:
        self._tap = tap
        self._latency = latency
        self._due_s: float | None = None
        self._pts = -BLOCK_SAMPLES

    @property
    def delay_s(self) -> float:
        """Time between the capture of what leaves now and its leaving."""
        return self._tap.delay_s

    @property
    def captured_offset_s(self) -> float | None:
        """Capture of the newest block on the monotonic clock, less its time; `None` before the first."""
        if self._due_s is None:
            return None
        return self._due_s - self._pts / SAMPLE_RATE_HZ - self._tap.delay_s

    async def next(self) -> av.AudioFrame:
        """The next block when it is due; after a stall the time line jumps instead of bursting."""
        now_s = time.monotonic()
        if self._due_s is None:
            self._due_s = now_s
        later_s = self._tap.better_phase_s()
        self._due_s += BLOCK_MS / 1000 + later_s
        self._pts += BLOCK_SAMPLES + round(later_s * SAMPLE_RATE_HZ)
        late_blocks = int((now_s - self._due_s) * 1000) // BLOCK_MS
        if late_blocks > 0:
            self._due_s += late_blocks * BLOCK_MS / 1000
            self._pts += late_blocks * BLOCK_SAMPLES
        await asyncio.sleep(max(0.0, self._due_s - now_s))
        delay_s = self._latency.latency_s(self._due_s) - ENCODER_DELAY_S
        return self._frame(self._tap.read(self._due_s, delay_s))

    def _frame(self, samples: Samples) -> av.AudioFrame:
        frame = av.AudioFrame(_FORMAT, _LAYOUT, len(samples))  # `from_ndarray` takes three times as long
        frame.planes[0].update(samples.tobytes())
        frame.sample_rate = SAMPLE_RATE_HZ
        frame.time_base = _TIME_BASE
        frame.pts = self._pts
        return frame
