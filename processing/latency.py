"""How old pictures are when they leave, so that sound can be made to wait for them."""

from __future__ import annotations

from collections import deque
from statistics import median

MAX_LATENCY_S = 0.5
REST_S = 0.05

_WINDOW_S = 1.0
_HOLD_S = 2.0


class LatencyMeter:
    """The middle one of the latencies of the last pictures: one that was held up changes nothing.

    A short time without pictures changes nothing either. After that, and before the first picture, the value is
    `REST_S`, which is near to what the first pictures will need.
    """

    def __init__(self) -> None:
        self._left: deque[tuple[float, float]] = deque()

    def left(self, captured_at_s: float, left_at_s: float) -> None:
        """Note a picture that was handed to the network.

        Args:
            captured_at_s: When it was captured, on the monotonic clock.
            left_at_s: When it left, on the same clock.
        """
        self._left.append((left_at_s, min(max(0.0, left_at_s - captured_at_s), MAX_LATENCY_S)))
        while left_at_s - self._left[0][0] > _WINDOW_S:
            self._left.popleft()

    def latency_s(self, now_s: float) -> float:
        """The latency of pictures now, at most `MAX_LATENCY_S`."""
        if not self._left or now_s - self._left[-1][0] > _HOLD_S:
            return REST_S
        return median(latency_s for _, latency_s in self._left)
