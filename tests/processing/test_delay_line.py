from __future__ import annotations

import numpy as np

from eyeline.processing.delay_line import DelayLine


def test_what_is_not_there_is_silence() -> None:
    line = DelayLine()
    assert not line.cut(-100, 100).any()
    line.write(np.full(960, 7, np.int16), 10.0, 10.02)
    cut = line.cut(-5, 965)
    assert cut[5:965].min() == 7
    assert not cut[:5].any()
    assert not cut[965:].any()


def test_only_the_last_seconds_are_kept() -> None:
    line = DelayLine()
    for number in range(150):
        line.write(np.full(960, number, np.int16), 10 + number * 0.02, 10.02 + number * 0.02)
    assert not line.cut(0, 960).any()
    assert set(line.cut(149 * 960, 150 * 960)) == {149}
    state = line.state()
    assert state.written == 150 * 960
    assert abs(state.end_s - 13) < 1e-6
    assert abs(state.delivery_s) < 1e-6


def test_a_gap_longer_than_all_that_is_kept() -> None:
    line = DelayLine()
    line.write(np.full(960, 7, np.int16), 10.0, 10.02)
    line.write(np.full(960, 8, np.int16), 100.0, 100.02)
    state = line.state()
    assert state.gaps == 1
    assert abs(state.end_s - 100.02) < 0.001
    assert line.cut(state.written - 10, state.written).min() == 8
    assert not line.cut(state.written - 50_000, state.written - 960).any()


def test_sound_goes_on_where_the_memory_begins_again() -> None:
    line, size = DelayLine(), 1001  # no divisor of the memory's length
    for number in range(150):
        block = np.arange(number * size, (number + 1) * size) % 30_011
        line.write(block.astype(np.int16), number * size / 48_000, number * size / 48_000)
    begin, end = 60 * size, 150 * size
    assert np.array_equal(line.cut(begin, end), np.arange(begin, end) % 30_011)
