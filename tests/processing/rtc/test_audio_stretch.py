from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from eyeline.processing.rtc.audio_stretch import (
    FADE_SAMPLES,
    fade_in,
    fade_out,
    is_quiet,
    longest_splice,
    shortest_splice,
    splice,
    stretch,
)


def tone(count: int, begin: int = 0) -> NDArray[np.int16]:
    return (10_000 * np.sin((begin + np.arange(count)) * 2 * np.pi * 440 / 48_000)).astype(np.int16)


def steepest(sound: NDArray[np.int16]) -> int:
    return int(np.abs(np.diff(sound.astype(int), axis=0)).max())


@pytest.mark.parametrize("count", [955, 958, 959, 960, 961, 962, 965])
def test_stretched_parts_fit_together(count: int) -> None:
    whole = np.concatenate([tone(960), stretch(tone(960, 960), count), tone(960, 1920)])
    assert len(whole) == 1920 + count
    assert steepest(whole) < 1.03 * steepest(tone(2880))


def test_stretching_is_exact_where_the_curve_is_smooth() -> None:
    low = (10_000 * np.sin(np.arange(960) * 2 * np.pi * 100 / 48_000)).astype(np.int16)
    wanted = 10_000 * np.sin(np.linspace(0, 959, 962) * 2 * np.pi * 100 / 48_000)
    assert np.abs(stretch(low, 962) - wanted).max() < 3


def test_full_scale_does_not_wrap() -> None:
    square = np.where(np.arange(960) // 50 % 2, 32_767, -32_768).astype(np.int16)
    made = stretch(square, 963)
    assert steepest(made) <= 65_535
    assert set(np.sign(made[made != 0])) == {-1, 1}
    assert np.abs(made.astype(int)).min() > 0


@pytest.mark.parametrize("count", [0, 240, 241, 500, 719, 961, 1200, 1680, 5000])
@pytest.mark.parametrize("channels", [0, 2])
def test_spliced_parts_fit_together(count: int, channels: int) -> None:
    def of(sound: NDArray[np.int16]) -> NDArray[np.int16]:
        return np.stack([sound] * channels, axis=1) if channels else sound

    made = splice(of(tone(960, 960)), count)
    assert len(made) == min(max(count, shortest_splice()), longest_splice(960))
    whole = np.concatenate([of(tone(960)), made, of(tone(960, 1920))])
    assert steepest(whole) < 1.15 * steepest(tone(2880))


def test_what_has_the_right_length_is_not_touched() -> None:
    sound = tone(960)
    assert stretch(sound, 960) is sound
    assert splice(sound, 960) is sound


def test_fades() -> None:
    sound = np.full((960, 2), 10_000, np.int16)
    out, back = fade_out(sound), fade_in(sound)
    assert out[0, 0] == back[-1, 0] == 10_000
    assert out[-1, 1] == back[0, 1] == 0
    assert np.abs(fade_out(sound)[-FADE_SAMPLES:] + back[:FADE_SAMPLES] - 10_000).max() <= 1
    assert sound.min() == 10_000
    assert fade_out(sound[:7])[-1, 0] == 0
    assert len(fade_in(sound[:0])) == 0


def test_quiet() -> None:
    noise = np.random.default_rng(1).normal(0, 1, 960)
    assert is_quiet((50 * noise).astype(np.int16))
    assert not is_quiet((500 * noise).astype(np.int16))
    assert is_quiet(np.empty(0, np.int16))
