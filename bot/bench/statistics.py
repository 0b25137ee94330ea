"""Percentiles, and ratios of rounds that alternate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Of times in milliseconds."""

    p50: float
    p95: float
    p99: float

    @classmethod
    def of(cls, values_ms: Sequence[float]) -> Percentiles | None:
        """Of all values; `None` when there are none."""
        if not len(values_ms):
            return None
        p50, p95, p99 = (float(value) for value in np.percentile(values_ms, [50, 95, 99]))
        return cls(p50, p95, p99)

    def less(self, floor_ms: float) -> Percentiles:
        """With a constant taken off."""
        return Percentiles(self.p50 - floor_ms, self.p95 - floor_ms, self.p99 - floor_ms)


@dataclass(frozen=True, slots=True)
class Ratio:
    """Of one thing to another, measured in turn: each round's value is compared with that of the round beside it.

    Args:
        median: Of the rounds.
        least: Of all rounds.
        most: Of all rounds.
        quartiles: Between these lies half of the rounds.
    """

    median: float
    least: float
    most: float
    quartiles: tuple[float, float]

    @classmethod
    def of(cls, values: Sequence[float], references: Sequence[float]) -> Ratio | None:
        """Round by round; `None` without a whole round."""
        ratios = [value / reference for value, reference in zip(values, references, strict=False) if reference > 0]
        if not ratios:
            return None
        low, high = (float(each) for each in np.percentile(ratios, [25, 75]))
        return cls(median(ratios), min(ratios), max(ratios), (low, high))
