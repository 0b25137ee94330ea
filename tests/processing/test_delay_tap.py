"""The delay line on a clock of its own: an hour takes no longer than its arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from eyeline.processing.delay_line import DelayLine
from eyeline.processing.delay_tap import MAX_DELAY_S, DelayTap
from eyeline.processing.sound import BLOCK_SAMPLES, SAMPLE_RATE_HZ, Samples

LOUD = 8_000
TONE_HZ = 440
# the steepest step that the tone itself makes from one sample to the next
STEEPEST = LOUD * 2 * np.pi * TONE_HZ / SAMPLE_RATE_HZ
BLOCK_S = BLOCK_SAMPLES / SAMPLE_RATE_HZ


@dataclass(frozen=True, slots=True)
class Put:
    at_s: float
    captured_at_s: float
    samples: Samples


def tone(seconds: float) -> NDArray[np.float64]:
    return np.sin(2 * np.pi * TONE_HZ * np.arange(round(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ)


def beeps(seconds: float, *, every_s: float = 1.0, length_s: float = 0.1) -> NDArray[np.float64]:
    at_s = np.arange(round(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    return tone(seconds) * (at_s % every_s < length_s)


def puts(wave: NDArray[np.float64], *, begin_s: float = 100.0, rate: float = 1.0) -> Iterator[Put]:
    """Blocks that a source delivers as soon as they are complete; `rate` is its clock's against ours."""
    samples = (LOUD * wave).astype(np.int16)
    for number in range(len(samples) // BLOCK_SAMPLES):
        captured_at_s = begin_s + number * BLOCK_S / rate
        part = samples[number * BLOCK_SAMPLES : (number + 1) * BLOCK_SAMPLES]
        yield Put(captured_at_s + BLOCK_S / rate + 0.001, captured_at_s, part)


def heard(
    source: Iterable[Put], delay_s: Callable[[float], float], *, end_s: float, begin_s: float = 100.0137
) -> tuple[NDArray[np.int16], NDArray[np.float64]]:
    """What a tap reads in time, and its delay at each block."""
    line = DelayLine()
    tap = DelayTap(line)
    waiting = iter(source)
    one = next(waiting, None)
    sound, delays = [], []
    for number in range(round((end_s - begin_s) / BLOCK_S)):
        now_s = begin_s + number * BLOCK_S
        while one is not None and one.at_s <= now_s:
            line.write(one.samples, one.captured_at_s, one.at_s)
            one = next(waiting, None)
        block = tap.read(now_s, delay_s(now_s))
        assert block.shape == (BLOCK_SAMPLES,)
        assert block.dtype == np.int16
        sound.append(block)
        delays.append(tap.delay_s)
    return np.concatenate(sound), np.array(delays)


def onsets_s(sound: NDArray[np.int16], *, begin_s: float = 100.0137) -> NDArray[np.float64]:
    """When each beep begins."""
    loud = np.flatnonzero(np.abs(sound.astype(int)) > LOUD // 4)
    first = loud[np.append(True, np.diff(loud) > SAMPLE_RATE_HZ // 4)]
    return first / SAMPLE_RATE_HZ + begin_s


def steepest(sound: NDArray[np.int16]) -> int:
    return int(np.abs(np.diff(sound.astype(int))).max())


def test_to_the_sample() -> None:
    wave = np.random.default_rng(1).uniform(-1, 1, SAMPLE_RATE_HZ * 3)
    sound, delays = heard(puts(wave), lambda _: 0.06, end_s=103)
    assert np.abs(delays[5:] - 0.06).max() < 0.0001
    later = round((100.0137 - 0.06 - 100) * SAMPLE_RATE_HZ)
    at = np.arange(SAMPLE_RATE_HZ, 2 * SAMPLE_RATE_HZ)
    found = [np.array_equal(sound[at], (LOUD * wave).astype(np.int16)[at + later + off]) for off in range(-3, 4)]
    assert any(found)


def test_stamps_that_jump_about_move_nothing() -> None:
    rng = np.random.default_rng(2)
    shaken = (Put(put.at_s, put.captured_at_s + rng.normal(0, 0.004), put.samples) for put in puts(tone(20)))
    sound, delays = heard(shaken, lambda _: 0.08, end_s=119)
    assert np.abs(delays[100:] - 0.08).max() < 0.004
    assert steepest(sound[SAMPLE_RATE_HZ:]) < 1.05 * STEEPEST


def test_a_new_delay_is_approached_slowly_where_there_is_sound() -> None:
    sound, delays = heard(puts(tone(62)), lambda now_s: 0.05 if now_s < 110 else 0.09, end_s=161)
    assert abs(delays[450] - 0.05) < 0.001
    assert abs(delays[-1] - 0.09) < 0.003
    rates = (delays[50:] - np.roll(delays, 50)[50:])[50:]  # in a second each
    assert rates.max() <= 0.0021
    assert steepest(sound[SAMPLE_RATE_HZ:]) < 1.05 * STEEPEST


def test_and_at_once_where_there_is_none() -> None:
    sound, delays = heard(puts(beeps(20)), lambda now_s: 0.04 if now_s < 110.5 else 0.2, end_s=119)
    assert abs(delays[-1] - 0.2) < 0.003
    begun_s = onsets_s(sound)
    wanted_s = [number + (0.04 if number <= 110 else 0.2) for number in range(101, 119)]
    found = [begun_s[np.argmin(np.abs(begun_s - wanted))] - wanted for wanted in wanted_s]
    assert np.abs(found).max() < 0.006
    assert steepest(sound) < 1.3 * STEEPEST


def test_the_delay_is_bounded() -> None:
    _, delays = heard(puts(beeps(20)), lambda _: 3.0, end_s=119)
    assert delays.max() <= MAX_DELAY_S + 0.001


@pytest.mark.parametrize("rate", [0.9995, 1.0005])
def test_a_clock_that_runs_differently(rate: float) -> None:
    """500 in a million: worse than any sound card."""
    sound, delays = heard(puts(tone(200), rate=rate), lambda _: 0.08, end_s=290)
    settled = delays[250:9000]
    assert np.abs(settled - 0.08).max() < 0.005
    assert steepest(sound[SAMPLE_RATE_HZ : 180 * SAMPLE_RATE_HZ]) < 1.05 * STEEPEST


def test_a_source_that_stalls_is_silent_and_not_late_afterwards() -> None:
    """Three seconds later everything that was held up comes at once."""
    held_up = [
        Put(max(put.at_s, 108.0) if put.at_s > 105 else put.at_s, put.captured_at_s, put.samples)
        for put in puts(tone(20))
    ]
    sound, delays = heard(held_up, lambda _: 0.06, end_s=119)
    level = np.abs(sound.reshape(-1, BLOCK_SAMPLES).astype(int)).max(axis=1)
    stalled = (np.arange(len(level)) * BLOCK_S + 100.0137 > 105.2) & (
        np.arange(len(level)) * BLOCK_S + 100.0137 < 107.9
    )
    assert not level[stalled].any()
    assert level[410:].min() > LOUD // 2
    assert np.abs(delays[410:] - 0.06).max() < 0.003
    assert steepest(sound) < 1.3 * STEEPEST


def test_time_that_the_source_missed_becomes_silence() -> None:
    parts = [put for put in puts(tone(20)) if not 105 < put.captured_at_s < 107.03]
    sound, delays = heard(parts, lambda _: 0.06, end_s=119)
    level = np.abs(sound.reshape(-1, BLOCK_SAMPLES).astype(int)).max(axis=1)
    assert not level[258:345].any()
    assert level[360:].min() > LOUD // 2
    assert np.abs(delays[360:] - 0.06).max() < 0.003
    assert steepest(sound) < 1.3 * STEEPEST


def test_a_short_gap_is_not_waited_for_the_next_time() -> None:
    parts = [put for put in puts(tone(20)) if not 105 < put.captured_at_s < 105.11]
    _, delays = heard(parts, lambda _: 0.06, end_s=119)
    assert np.abs(delays[280:] - 0.06).max() < 0.003


def test_a_source_that_delivers_late_is_waited_for_and_then_no_longer() -> None:
    late = (
        Put(put.at_s + (0.1 if 110 < put.captured_at_s < 115 else 0), put.captured_at_s, put.samples)
        for put in puts(tone(100))
    )
    sound, delays = heard(late, lambda _: 0.06, end_s=199)
    level = np.abs(sound.reshape(-1, BLOCK_SAMPLES).astype(int)).max(axis=1)
    assert 0.12 < delays[700:740].max() < 0.15
    assert (level[100:] < LOUD // 2).sum() < 12
    assert abs(delays[-1] - 0.06) < 0.003


def test_one_hiccup_delays_nothing_after_it() -> None:
    hiccup = (
        Put(max(put.at_s, 105.12) if 105 < put.captured_at_s < 105.1 else put.at_s, put.captured_at_s, put.samples)
        for put in puts(tone(20))
    )
    _, delays = heard(hiccup, lambda _: 0.06, end_s=119)
    assert np.abs(delays[270:] - 0.06).max() < 0.003


def test_stamps_that_go_back_for_good_are_believed() -> None:
    back = (
        Put(put.at_s, put.captured_at_s - (0.3 if put.captured_at_s > 105 else 0), put.samples)
        for put in puts(beeps(20))
    )
    _, delays = heard(back, lambda _: 0.4, end_s=119)
    assert abs(delays[-1] - 0.4) < 0.005


def test_a_single_stamp_that_goes_back_is_not() -> None:
    odd = (
        Put(put.at_s, put.captured_at_s - (0.3 if 105 <= put.captured_at_s < 105.02 else 0), put.samples)
        for put in puts(tone(20))
    )
    sound, delays = heard(odd, lambda _: 0.06, end_s=119)
    assert np.abs(delays[50:] - 0.06).max() < 0.002
    assert steepest(sound[SAMPLE_RATE_HZ:]) < 1.05 * STEEPEST


def test_the_reader_is_told_of_a_better_phase() -> None:
    """Blocks come 1 ms before each full 20 ms, and are read 18 ms later: 40 ms too old for a delay of 25 ms."""
    line = DelayLine()
    tap = DelayTap(line)
    now_s = 100.019
    waiting = iter(puts(beeps(20)))
    one = next(waiting)
    moved = []
    for _ in range(600):
        while one.at_s <= now_s:
            line.write(one.samples, one.captured_at_s, one.at_s)
            one = next(waiting)
        tap.read(now_s, 0.025)
        later_s = tap.better_phase_s()
        if later_s:
            moved.append(later_s)
        now_s += BLOCK_S + later_s
    assert len(moved) == 1
    assert 0 < moved[0] < 0.02
    assert abs(tap.delay_s - 0.026) < 0.003


def test_taps_are_independent() -> None:
    line = DelayLine()
    taps = [DelayTap(line), DelayTap(line)]
    for put in puts(beeps(1)):
        line.write(put.samples, put.captured_at_s, put.at_s)
    assert not taps[0].read(100.5, 0.1).any()
    assert taps[1].read(100.5, 0.45).any()


def test_blocks_left_out_by_the_reader_are_left_out() -> None:
    """After a stall of the event loop the time line goes on where the clock is."""
    line = DelayLine()
    tap = DelayTap(line)
    for put in puts(tone(1)):
        line.write(put.samples, put.captured_at_s, put.at_s)
    tap.read(100.2, 0.1)
    tap.read(100.22, 0.1)
    tap.read(100.34, 0.1)
    assert abs(tap.delay_s - 0.1) < 0.001
