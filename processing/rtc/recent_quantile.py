"""What most of the values of the last seconds keep below."""

from __future__ import annotations

from collections import deque


class RecentQuantile:
    """A quantile of the values of a sliding window.

    Args:
        share: Of the values that are not above it, 0 to 1.
        window_s: How long a value counts.
    """

    def __init__(self, share: float, window_s: float) -> None:
        self._share = share
        self._window_s = window_s
        self._values: deque[tuple[float, float]] = deque()
        self.value = 0.0

    def add(self, value: float, at_s: float) -> None:
        """Take a value of the moment `at_s`, not before the previous one."""
        self._values.append((at_s, value))
        while at_s - self._values[0][0] > self._window_s:
            self._values.popleft()
        in_order = sorted(value for _, value in self._values)
        self.value = in_order[round(self._share * (len(in_order) - 1))]

    def restart(self, value: float) -> None:
        """Forget all values; `value` stands for them until the next."""
        self._values.clear()
        self.value = value
