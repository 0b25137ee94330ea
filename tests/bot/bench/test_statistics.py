"""Percentiles and ratios."""

from __future__ import annotations

import pytest

from eyeline.bot.bench.statistics import Percentiles, Ratio


def test_percentiles() -> None:
    assert Percentiles.of(range(101)) == Percentiles(50, 95, 99)
    assert Percentiles.of(range(101)).less(10) == Percentiles(40, 85, 89)
    assert Percentiles.of([]) is None


def test_a_ratio_compares_rounds_that_belong_together() -> None:
    """The machine became twice as slow in the second round: that is no difference between the two."""
    assert Ratio.of([11, 22, 12], [10, 20, 10]) == Ratio(1.1, 1.1, 1.2, pytest.approx((1.1, 1.15)))
    assert Ratio.of([1], [0]) is None
    assert Ratio.of([], []) is None


def test_rounds_without_a_counterpart_are_left_out() -> None:
    assert Ratio.of([10, 12, 99], [10, 10]) == Ratio(pytest.approx(1.1), 1.0, 1.2, pytest.approx((1.05, 1.15)))
