"""What most of the values of the last seconds keep below."""

from __future__ import annotations

from eyeline.processing.rtc.sliding_order import SlidingOrder


class RecentQuantile:
    """A quantile of the values of a sliding window.

    Args:
        share: Of the values that are not above it, 0 to 1.
        window_s: How long a value counts.
    """

    def __init__(self, share: float, window_s: float) -> None:
        self._share = share
        self._values = SlidingOrder(window_s)
        self.value = 0.0

    def add(self, value: float, at_s: float) -> None:
        """Take a value of the moment `at_s`, not before the previous one."""
        self._values.add(value, at_s)
        self.value = self._values.quantile(self._share)

    def restart(self, value: float) -> None:
        """Forget all values; `value` stands for them until the next."""
        self._values.clear()
        self.value = value
