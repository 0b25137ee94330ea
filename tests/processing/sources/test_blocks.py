from __future__ import annotations

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from eyeline.processing.sound import BLOCK_SAMPLES, SAMPLE_RATE_HZ
from eyeline.processing.sources.blocks import BlockCutter, MonoSound

TONE_HZ = 440
LOUD = 12_000


def tone(seconds: float, rate_hz: int) -> NDArray[np.float64]:
    return np.sin(2 * np.pi * TONE_HZ * np.arange(round(seconds * rate_hz)) / rate_hz)


def frame(wave: NDArray[np.float64], rate_hz: int, form: str, layout: str) -> av.AudioFrame:
    channels = {"mono": 1, "stereo": 2, "5.1": 6}[layout]
    kind, scale = {"s16": (np.int16, LOUD), "flt": (np.float32, LOUD / 32768), "s32": (np.int32, LOUD << 16)}[form]
    packed = np.repeat((wave * scale).astype(kind), channels).reshape(1, -1)
    made = av.AudioFrame.from_ndarray(packed, form, layout)
    made.sample_rate = rate_hz
    return made


def loudest_hz(sound: NDArray[np.int16]) -> float:
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return float(np.argmax(spectrum) * SAMPLE_RATE_HZ / len(sound))


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 44_100, 48_000, 96_000])
@pytest.mark.parametrize(("form", "layout"), [("s16", "mono"), ("flt", "stereo"), ("s32", "5.1")])
def test_any_sound_becomes_48_khz_mono(rate_hz: int, form: str, layout: str) -> None:
    cutter = BlockCutter()
    wave = tone(1.0, rate_hz)
    blocks = []
    for part in np.array_split(wave, 37):
        blocks += cutter.add(frame(part, rate_hz, form, layout))
    blocks += cutter.finish()
    assert all(block.shape == (BLOCK_SAMPLES,) and block.dtype == np.int16 for block in blocks)
    sound = np.concatenate(blocks)
    assert len(blocks) in (49, 50)
    assert abs(loudest_hz(sound) - TONE_HZ) <= 2
    assert 0.5 * LOUD < np.abs(sound[2000:-2000].astype(int)).max() < 1.5 * LOUD


def test_what_needs_no_change_is_not_changed() -> None:
    cutter = BlockCutter()
    wave = np.arange(3000) / 3000
    made = np.concatenate(cutter.add(frame(wave, SAMPLE_RATE_HZ, "s16", "mono")))
    assert np.array_equal(made, (wave * LOUD).astype(np.int16)[: 3 * BLOCK_SAMPLES])
    assert cutter.rest == 3000 - 3 * BLOCK_SAMPLES


def test_the_format_may_change_on_the_way() -> None:
    cutter = BlockCutter()
    blocks = cutter.add(frame(tone(0.5, 48_000), 48_000, "s16", "mono"))
    blocks += cutter.add(frame(tone(0.5, 44_100), 44_100, "flt", "stereo"))
    blocks += cutter.finish()
    sound = np.concatenate(blocks)
    assert len(blocks) in (49, 50)
    assert abs(loudest_hz(sound) - TONE_HZ) <= 2


def test_silence_completes_a_block() -> None:
    cutter = BlockCutter()
    assert not cutter.add(frame(np.ones(100), SAMPLE_RATE_HZ, "s16", "mono"))
    (block,) = cutter.add_silence(BLOCK_SAMPLES - 100)
    assert block[:100].min() == LOUD
    assert not block[100:].any()


def test_uncut_sound_is_there_at_once() -> None:
    """What needs no other rate is not held back."""
    mono = MonoSound()
    wave = tone(0.013, SAMPLE_RATE_HZ)
    assert len(mono.add(frame(wave, SAMPLE_RATE_HZ, "s16", "stereo"))) == len(wave)
    assert len(mono.add(frame(wave, SAMPLE_RATE_HZ, "flt", "mono"))) == len(wave)
    assert not len(mono.finish())
    assert not len(mono.finish())


def test_sound_that_fits_is_not_touched_and_keeps_its_place() -> None:
    mono = MonoSound()
    other = mono.add(frame(tone(0.02, 44_100), 44_100, "s16", "mono"))
    wave = tone(0.02, SAMPLE_RATE_HZ)
    fitting = frame(wave, SAMPLE_RATE_HZ, "s16", "mono")
    samples = fitting.to_ndarray()[0]
    sound = mono.add(fitting)
    assert abs(len(other) + len(sound) - 2 * len(wave)) <= 1  # what the resampler held comes first
    assert np.array_equal(sound[-len(wave) :], samples)
    again = mono.add(fitting)
    fitting.planes[0].update(bytes(2 * len(wave)))
    assert np.array_equal(again, samples)
    assert not len(mono.finish())
