"""The last seconds of one source's sound, on the time line of its capture."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np

from eyeline.processing.rtc.audio_stretch import FADE_SAMPLES, fade_in, fade_out
from eyeline.processing.rtc.recent_quantile import RecentQuantile
from eyeline.processing.sound import SAMPLE_RATE_HZ, Samples

ALL_BUT_ALWAYS = 0.97
RECENT_S = 3.0
STALL_S = 0.15

_CAPACITY = 2 * SAMPLE_RATE_HZ
_GAP_S = 0.05
_BACK_BLOCKS = 5
_SMOOTHING = 0.02


@dataclass(frozen=True, slots=True)
class LineState:
    """How far a delay line is written.

    Args:
        written: Number of the first sample that is not there yet.
        origin_s: Capture time of sample 0, on the monotonic clock.
        gaps: How often the source was silent.
        delivery_s: How long after the capture of its last sample sound is delivered at the latest, all but always.
        block_samples: How much was delivered at once the last time.
    """

    written: int
    origin_s: float
    gaps: int
    delivery_s: float
    block_samples: int

    @property
    def end_s(self) -> float:
        """Capture time of the first sample that is not there yet."""
        return self.origin_s + self.written / SAMPLE_RATE_HZ


class DelayLine:
    """One writer, any number of taps, each in a thread of its own.

    Capture times are smoothed: what jumps about is the stamp, not the sound. Time that is missing becomes silence.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ring: Samples = np.zeros(_CAPACITY, np.int16)
        self._written = 0
        self._blocks = 0
        self._gaps = 0
        self._delivery_s = RecentQuantile(ALL_BUT_ALWAYS, RECENT_S)
        self._block_samples = 0
        self._back = 0
        self._origin_s = 0.0

    def write(self, samples: Samples, captured_at_s: float, delivered_at_s: float) -> None:
        """Append sound.

        Args:
            samples: `int16`, mono, 48 kHz, shape `(samples,)`, at most a second.
            captured_at_s: When the first sample was captured, on the monotonic clock.
            delivered_at_s: Now, on the same clock.
        """
        with self._lock:
            error_s = captured_at_s - (self._origin_s + self._written / SAMPLE_RATE_HZ)
            if self._blocks == 0:
                self._origin_s += error_s
            elif error_s > _GAP_S:
                samples = self._leave_gap(round(error_s * SAMPLE_RATE_HZ), samples)
            else:
                self._adjust(error_s)
            self._blocks += 1
            self._append(samples)
            delivery_s = delivered_at_s - self._origin_s - self._written / SAMPLE_RATE_HZ
            if delivery_s < STALL_S:
                self._delivery_s.add(delivery_s, delivered_at_s)
            self._block_samples = len(samples)

    def state(self) -> LineState:
        """How far it is written."""
        with self._lock:
            return LineState(self._written, self._origin_s, self._gaps, self._delivery_s.value, self._block_samples)

    def cut(self, begin: int, end: int) -> Samples:
        """Samples by number; silence where there are none, or none any more."""
        with self._lock:
            first, size = begin % _CAPACITY, end - begin
            if first + size <= _CAPACITY:
                sound = self._ring[first : first + size].copy()
            else:
                sound = np.concatenate((self._ring[first:], self._ring[: first + size - _CAPACITY]))
            if begin < self._written - _CAPACITY:
                sound[: max(0, self._written - _CAPACITY) - begin] = 0
            sound[max(0, self._written - begin) :] = 0
            return sound

    def _adjust(self, error_s: float) -> None:
        """Follow the source's clock; a stamp that goes back a lot is believed only when others say the same."""
        self._back = self._back + 1 if error_s < -_GAP_S else 0
        if self._back >= _BACK_BLOCKS:
            self._origin_s += error_s
            self._back = 0
        elif not self._back:
            self._origin_s += error_s * max(_SMOOTHING, 1 / (self._blocks + 1))

    def _leave_gap(self, count: int, samples: Samples) -> Samples:
        """Put silence where the source was silent; returns what follows, without a click."""
        last = np.arange(self._written - min(FADE_SAMPLES, self._written), self._written) % _CAPACITY
        self._ring[last] = fade_out(self._ring[last])
        self._back = 0
        self._gaps += 1
        self._append(np.zeros(min(count, _CAPACITY), np.int16))
        self._written += max(0, count - _CAPACITY)
        return fade_in(samples)

    def _append(self, samples: Samples) -> None:
        first = self._written % _CAPACITY
        before_end = min(len(samples), _CAPACITY - first)
        self._ring[first : first + before_end] = samples[:before_end]
        self._ring[: len(samples) - before_end] = samples[before_end:]
        self._written += len(samples)
