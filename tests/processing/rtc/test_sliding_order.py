"""A window that stays in order is the same as one that is sorted each time."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from eyeline.processing.rtc.sliding_order import SlidingOrder


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.01, 0.02, 0.5]), st.integers(0, 5)), min_size=1, max_size=80))
def test_it_holds_the_values_of_the_window(steps: list[tuple[float, int]]) -> None:
    order, came, now_s = SlidingOrder(1.0), [], 0.0
    for pause_s, value in steps:
        now_s += pause_s
        order.add(value, now_s)
        came = [(at_s, each) for at_s, each in [*came, (now_s, value)] if now_s - at_s <= 1.0]
        ordered = sorted(each for _, each in came)
        assert len(order) == len(ordered)
        assert order.least == ordered[0]
        assert order.quantile(0.97) == ordered[round(0.97 * (len(ordered) - 1))]
        fit = [each for each in ordered if each <= ordered[0] + 2]
        assert order.quantile(0.5, ordered[0] + 2) == fit[round(0.5 * (len(fit) - 1))]


def test_it_forgets_everything() -> None:
    order = SlidingOrder(1.0)
    for number in range(9):
        order.add(random.random(), number / 10)
    order.clear()
    assert len(order) == 0
    order.add(3.0, 2.0)
    assert order.least == order.quantile(1.0) == 3.0
