"""Loudness, against aiortc's own and against what is known."""

from __future__ import annotations

import av
import numpy as np
import pytest
from aiortc.rtp import compute_audio_level_dbov

from eyeline.processing.rtc.audio_level import audio_level_dbov


def frame(wave: np.ndarray, layout: str) -> av.AudioFrame:
    samples = wave.astype(np.int16)
    if layout == "stereo":
        samples = np.repeat(samples, 2)
    return av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout=layout)


PHASE = np.arange(960) * 2 * np.pi * 440 / 48_000


@pytest.mark.parametrize("layout", ["mono", "stereo"])
@pytest.mark.parametrize(("amplitude", "dbov"), [(32767, -3), (3276.7, -23), (0, -127), (103.6, -53)])
def test_a_sine(amplitude: float, dbov: int, layout: str) -> None:
    assert audio_level_dbov(frame(np.sin(PHASE) * amplitude, layout)) == pytest.approx(dbov, abs=1)


def test_a_full_square_wave_is_zero() -> None:
    assert audio_level_dbov(frame(np.sign(np.sin(PHASE + 0.01)) * 32767, "mono")) == 0


def test_it_agrees_with_aiortc_about_mono() -> None:
    noise = np.random.default_rng(1).normal(0, 2000, 960)
    assert audio_level_dbov(frame(noise, "mono")) == compute_audio_level_dbov(frame(noise, "mono"))
