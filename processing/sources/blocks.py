"""Sound in blocks of one length, whatever the device or the file delivers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import av
import numpy as np
from av.audio.resampler import AudioResampler

from eyeline.processing.sound import BLOCK_SAMPLES, SAMPLE_RATE_HZ, Samples

BLOCK_S = BLOCK_SAMPLES / SAMPLE_RATE_HZ

_NOTHING: Samples = np.empty(0, np.int16)
_FITS: Final = ("s16", "mono", SAMPLE_RATE_HZ)


@dataclass(frozen=True, slots=True)
class AudioBlock:
    """A little sound: 20 ms, or what came at once from a sender.

    Args:
        samples: `int16`, mono, 48 kHz, shape `(samples,)`. Read-only once shared.
        captured_at_s: When its first sample was captured, on the monotonic clock.
    """

    samples: Samples
    captured_at_s: float


class MonoSound:
    """Resamples decoded sound to 48 kHz mono; the format may change with any frame."""

    def __init__(self) -> None:
        self._resampler: AudioResampler | None = None
        self._format: tuple[str, str, int] | None = None

    def add(self, frame: av.AudioFrame) -> Samples:
        """What this frame became; a few samples may follow with the next one."""
        form = (frame.format.name, frame.layout.name, frame.sample_rate)
        tail = self.finish() if form != self._format else _NOTHING
        self._format = form
        if form == _FITS:
            sound: Samples = np.frombuffer(memoryview(frame.planes[0]), np.int16, frame.samples)
            return np.concatenate([tail, sound])
        if self._resampler is None:
            self._resampler = AudioResampler("s16", "mono", SAMPLE_RATE_HZ)
        frame.pts = None  # the resampler would fill gaps between timestamps, which devices make at will
        return np.concatenate([tail, *_arrays(self._resampler.resample(frame))])

    def finish(self) -> Samples:
        """What is left once nothing follows."""
        self._format = None
        if self._resampler is None:
            return _NOTHING
        rest = np.concatenate([_NOTHING, *_arrays(self._resampler.resample(None))])
        self._resampler = None
        return rest


class BlockCutter:
    """Resamples decoded sound to 48 kHz mono and cuts it into blocks of 20 ms."""

    def __init__(self) -> None:
        self._mono = MonoSound()
        self._rest: Samples = _NOTHING

    @property
    def rest(self) -> int:
        """Samples that wait for the rest of their block."""
        return len(self._rest)

    def add(self, frame: av.AudioFrame) -> list[Samples]:
        """The blocks that are complete with this frame, whose format may differ from the frame before."""
        return self._cut(self._mono.add(frame))

    def finish(self) -> list[Samples]:
        """The blocks that are complete once nothing follows; an unfinished one waits for more."""
        return self._cut(self._mono.finish())

    def add_silence(self, samples: int) -> list[Samples]:
        """The blocks that are complete after as many samples of silence."""
        return self._cut(np.zeros(samples, np.int16))

    def _cut(self, more: Samples) -> list[Samples]:
        sound = np.concatenate([self._rest, more])
        whole = len(sound) // BLOCK_SAMPLES * BLOCK_SAMPLES
        self._rest = sound[whole:]
        return list(sound[:whole].reshape(-1, BLOCK_SAMPLES))


def _arrays(frames: list[av.AudioFrame]) -> Iterator[Samples]:
    for frame in frames:
        yield np.asarray(frame.to_ndarray().reshape(-1), np.int16)
