"""The smallest of recent values."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from eyeline.processing.rtc.recent_minimum import RecentMinimum


def test_it_forgets() -> None:
    recent = RecentMinimum(window_s=5.0)
    assert recent.value is None
    recent.add(-1.0, 0.0)
    for second in range(1, 8):
        recent.add(2.0, float(second))
    assert recent.value == 2.0


@given(st.lists(st.tuples(st.floats(0, 3), st.floats(-10, 10)), min_size=1, max_size=100))
def test_it_is_the_minimum_of_at_least_the_window(steps: list[tuple[float, float]]) -> None:
    recent, now_s, history = RecentMinimum(window_s=5.0), 100.0, []
    for step_s, value in steps:
        now_s += step_s
        recent.add(value, now_s)
        history.append((now_s, value))
        within = [each for at_s, each in history if at_s >= now_s - 5.0]
        a_little_longer = [each for at_s, each in history if at_s >= now_s - 7.0]
        assert recent.value is not None
        assert min(a_little_longer) <= recent.value <= min(within)
