"""Counters that wrap around."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyeline.processing.rtc.counters import Unwrapper


def test_a_wrap_around_goes_on_upwards() -> None:
    unwrapper = Unwrapper(16)
    assert [unwrapper.extend(value) for value in (65534, 65535, 0, 1)] == [65534, 65535, 65536, 65537]


def test_what_comes_late_stays_older() -> None:
    unwrapper = Unwrapper(16)
    assert [unwrapper.extend(value) for value in (65535, 1, 65534, 0)] == [65535, 65537, 65534, 65536]


def test_before_zero_is_negative() -> None:
    unwrapper = Unwrapper(32)
    assert [unwrapper.extend(value) for value in (5, 4294967295)] == [5, -1]


@given(st.integers(0, 1 << 40), st.lists(st.integers(-1000, 30_000), max_size=50))
def test_it_agrees_with_a_counter_that_never_wraps(first: int, steps: list[int]) -> None:
    unwrapper = Unwrapper(16)
    origin = first - unwrapper.extend(first % (1 << 16))
    newest = first
    for step in steps:
        value = newest + step
        assert unwrapper.extend(value % (1 << 16)) + origin == value
        newest = max(newest, value)


@pytest.mark.parametrize(("value", "ahead"), [(11, 1), (9, -1), (10 + 32767, 32767), (10 + 32768, -32768)])
def test_ahead(value: int, ahead: int) -> None:
    unwrapper = Unwrapper(16)
    assert unwrapper.ahead(value) == 0
    unwrapper.extend(10)
    assert unwrapper.ahead(value) == ahead
