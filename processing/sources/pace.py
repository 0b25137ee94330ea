"""Playing what is stored at the speed it was recorded with."""

from __future__ import annotations

import time

MAX_LATE_S = 1.0


class Pace:
    """Maps the time line of a medium onto the clock.

    What is late is to be skipped until the time line is reached again; a machine that cannot catch up, or was asleep,
    goes on from where it is.
    """

    def __init__(self) -> None:
        self._origin_s: float | None = None

    def due_s(self, media_s: float) -> float:
        """When this is due, on the monotonic clock."""
        now_s = time.monotonic()
        if self._origin_s is None or now_s - (self._origin_s + media_s) > MAX_LATE_S:
            self._origin_s = now_s - media_s
        return self._origin_s + media_s


class FrameRateLimit:
    """Thins out what comes faster than is wanted.

    Args:
        fps: The most frames per second.
    """

    def __init__(self, fps: int) -> None:
        self._least_s = 0.9 / fps  # timestamps are rounded, and cameras are never exact
        self._last_s: float | None = None

    def admits(self, at_s: float) -> bool:
        """Whether a frame of this time is to be shown; it counts as shown then."""
        if self._last_s is not None and 0 <= at_s - self._last_s < self._least_s:
            return False
        self._last_s = at_s
        return True
