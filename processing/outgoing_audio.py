"""The sound that goes out: 20 ms blocks on a steady time line, silence where none came."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from fractions import Fraction
from weakref import WeakSet

import av
import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE_HZ = 48_000
BLOCK_MS = 20
BLOCK_SAMPLES = SAMPLE_RATE_HZ * BLOCK_MS // 1000
MAX_BACKLOG_BLOCKS = 5

Samples = NDArray[np.int16]
_SILENCE: Samples = np.zeros(BLOCK_SAMPLES, np.int16)


class OutgoingAudio:
    """Hands every block to every reader; a reader that falls behind loses the oldest."""

    def __init__(self) -> None:
        self._readers: WeakSet[AudioReader] = WeakSet()
        self._lock = threading.Lock()

    def put(self, samples: Samples) -> None:
        """Play one block. May be called from any thread.

        Args:
            samples: `int16`, mono, shape `(BLOCK_SAMPLES,)`, 48 kHz.

        Raises:
            ValueError: The block has another shape or type.
        """
        if samples.shape != (BLOCK_SAMPLES,) or samples.dtype != np.int16:
            raise ValueError(f"expected {BLOCK_SAMPLES} int16 samples, not {samples.shape} {samples.dtype}")
        with self._lock:
            for reader in self._readers:
                reader.backlog.append(samples)

    def reader(self) -> AudioReader:
        """A new reader, which hears everything from now on for as long as somebody holds it."""
        reader = AudioReader()
        with self._lock:
            self._readers.add(reader)
        return reader


class AudioReader:
    """One reader's time line."""

    def __init__(self) -> None:
        self.backlog: deque[Samples] = deque(maxlen=MAX_BACKLOG_BLOCKS)
        self._due_s: float | None = None
        self._pts = -BLOCK_SAMPLES

    async def next(self) -> av.AudioFrame:
        """The next block when it is due; after a stall the time line jumps instead of bursting."""
        now_s = time.monotonic()
        if self._due_s is None:
            self._due_s = now_s
        self._due_s += BLOCK_MS / 1000
        self._pts += BLOCK_SAMPLES
        late_blocks = int((now_s - self._due_s) * 1000) // BLOCK_MS
        if late_blocks > 0:
            self._due_s += late_blocks * BLOCK_MS / 1000
            self._pts += late_blocks * BLOCK_SAMPLES
        await asyncio.sleep(max(0.0, self._due_s - now_s))
        return self._frame(self.backlog.popleft() if self.backlog else _SILENCE)

    def _frame(self, samples: Samples) -> av.AudioFrame:
        frame = av.AudioFrame.from_ndarray(samples[None, :], format="s16", layout="mono")
        frame.sample_rate = SAMPLE_RATE_HZ
        frame.time_base = Fraction(1, SAMPLE_RATE_HZ)
        frame.pts = self._pts
        return frame
