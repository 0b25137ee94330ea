"""The values of the last seconds in order, kept so from value to value."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import deque


class SlidingOrder:
    """A sliding window of values of which the smallest, and any quantile, is had without sorting.

    Args:
        window_s: How long a value counts.
    """

    def __init__(self, window_s: float) -> None:
        self._window_s = window_s
        self._came: deque[tuple[float, float]] = deque()
        self._ordered: list[float] = []

    def __len__(self) -> int:
        return len(self._ordered)

    @property
    def least(self) -> float:
        """The smallest value; there must be one."""
        return self._ordered[0]

    def add(self, value: float, at_s: float) -> None:
        """Take a value of the moment `at_s`, not before the previous one, and forget what is too old."""
        self._came.append((at_s, value))
        insort(self._ordered, value)
        while at_s - self._came[0][0] > self._window_s:
            _, old = self._came.popleft()
            del self._ordered[bisect_left(self._ordered, old)]

    def clear(self) -> None:
        """Forget all values."""
        self._came.clear()
        self._ordered.clear()

    def quantile(self, share: float, most: float | None = None) -> float:
        """What `share` (0 to 1) of the values do not exceed; there must be one.

        Args:
            share: 0 for the smallest, 1 for the largest.
            most: Larger values are left out; at least the smallest one.
        """
        count = len(self._ordered) if most is None else bisect_right(self._ordered, most)
        return self._ordered[round(share * (count - 1))]
