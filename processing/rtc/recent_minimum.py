"""The smallest of recent values: a delay is what it takes at least, plus what happened to be in the way."""

from __future__ import annotations

from collections import deque
from typing import Final

_WINDOW_S: Final = 10.0
_BUCKET_S: Final = 1.0


class RecentMinimum:
    """The smallest of the values of the last seconds."""

    def __init__(self, window_s: float = _WINDOW_S) -> None:
        self._window_s = window_s
        self._buckets: deque[tuple[float, float]] = deque()
        self._value: float | None = None

    @property
    def value(self) -> float | None:
        """The smallest value, or `None` before the first."""
        return self._value

    def add(self, value: float, at_s: float) -> None:
        """Take a value of the moment `at_s`, not before the previous one."""
        if self._buckets and at_s - self._buckets[-1][0] < _BUCKET_S:
            begun_s, smallest = self._buckets[-1]
            self._buckets[-1] = (begun_s, min(smallest, value))
        else:
            self._buckets.append((at_s, value))
        if self._value is None or value < self._value:
            self._value = value
        while self._buckets[0][0] < at_s - self._window_s - _BUCKET_S:
            self._buckets.popleft()
            self._value = min(smallest for _, smallest in self._buckets)
