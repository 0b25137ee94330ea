"""Making sound a little longer or shorter without a click.

Both functions keep the first and the last sample's neighbourhood, so that what comes before and after still fits.
Sound is `int16`, shape `(samples,)` or `(samples, channels)`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Pcm = NDArray[np.int16]

FADE_SAMPLES = 240
QUIET_RMS = 150.0  # -47 dBFS: below speech, above the noise of a room


def is_quiet(sound: Pcm) -> bool:
    """Whether nobody would notice a cut here."""
    flat = sound.reshape(-1).astype(np.float32)
    return len(flat) == 0 or float(np.dot(flat, flat)) < QUIET_RMS**2 * len(flat)


def stretch(sound: Pcm, samples: int) -> Pcm:
    """Resample to another length. Shifts the pitch as much: half a percent is not heard, in music neither.

    Args:
        sound: At least 2 samples.
        samples: The length wanted.
    """
    count = len(sound)
    if samples == count:
        return sound
    at = np.arange(samples) * ((count - 1) / max(1, samples - 1))
    index = np.minimum(at.astype(np.intp), count - 2)
    t = (at - index).reshape(-1, *[1] * (sound.ndim - 1))
    neighbours = (np.clip(index + offset, 0, count - 1) for offset in (-1, 0, 1, 2))
    a, b, c, d = (sound[neighbour].astype(np.float64) for neighbour in neighbours)
    # the cubic of Catmull and Rom, which passes through the samples
    cubic = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    made: Pcm = np.clip(np.rint(cubic), -32768, 32767).astype(np.int16)
    return made


def splice(sound: Pcm, samples: int) -> Pcm:
    """Cut out of the middle, or repeat some of it, with a cross-fade. For quiet places.

    Args:
        sound: At least `2 * FADE_SAMPLES`.
        samples: The length wanted, brought within `shortest_splice` and `longest_splice`.
    """
    count = len(sound)
    samples = min(max(samples, shortest_splice()), longest_splice(count))
    if samples == count:
        return sound
    shift = count - samples
    middle = max(0, -shift) + (min(count, samples) - FADE_SAMPLES - max(0, -shift)) // 2
    end = middle + FADE_SAMPLES
    fade = ((np.arange(FADE_SAMPLES) + 0.5) / FADE_SAMPLES).reshape(-1, *[1] * (sound.ndim - 1))
    across = sound[middle:end] * (1 - fade) + sound[middle + shift : end + shift] * fade
    return np.concatenate([sound[:middle], np.rint(across).astype(np.int16), sound[end + shift :]])


def shortest_splice() -> int:
    """The least that a cut leaves."""
    return FADE_SAMPLES


def longest_splice(count: int) -> int:
    """The most that `count` samples can be repeated to."""
    return 2 * count - FADE_SAMPLES


def fade_out(sound: Pcm, samples: int = FADE_SAMPLES) -> Pcm:
    """The sound, ending in silence."""
    return faded(sound, np.linspace(1, 0, min(samples, len(sound))), at_end=True)


def fade_in(sound: Pcm, samples: int = FADE_SAMPLES) -> Pcm:
    """The sound, beginning in silence."""
    return faded(sound, np.linspace(0, 1, min(samples, len(sound))), at_end=False)


def faded(sound: Pcm, gain: NDArray[np.float64], *, at_end: bool) -> Pcm:
    """The sound with its end or its beginning multiplied by a curve."""
    made = sound.copy()
    part = made[len(made) - len(gain) :] if at_end else made[: len(gain)]
    part[:] = np.rint(part * gain.reshape(-1, *[1] * (sound.ndim - 1)))
    return made
