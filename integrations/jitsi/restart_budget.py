"""How often a new media session may be asked for: jicofo refuses more."""

from __future__ import annotations

from collections import deque

MIN_PAUSE_S = 5.0
WINDOW_S = 60.0
MAX_IN_WINDOW = 5


class RestartBudget:
    """At least five seconds apart, at most five in a minute. Times are on any monotonic clock."""

    def __init__(self) -> None:
        self._taken: deque[float] = deque(maxlen=MAX_IN_WINDOW)

    def try_take(self, now_s: float) -> bool:
        """Note a restart, if one is allowed now."""
        too_soon = bool(self._taken) and now_s - self._taken[-1] < MIN_PAUSE_S
        too_many = len(self._taken) == MAX_IN_WINDOW and now_s - self._taken[0] < WINDOW_S
        if too_soon or too_many:
            return False
        self._taken.append(now_s)
        return True
