"""How often a new media session may be asked for: jicofo refuses more."""

from __future__ import annotations

from collections import deque

MIN_PAUSE_S = 5.0
WINDOW_S = 60.0
MAX_IN_WINDOW = 5


class RestartBudget:
    """At least five seconds apart, at most five in a minute, as jicofo counts. Times are on any monotonic clock.

    It counts from when a request reaches it, which may be long after it was made: on a network that is coming back,
    a stream has to be resumed first.
    """

    def __init__(self) -> None:
        self._taken: deque[float] = deque(maxlen=MAX_IN_WINDOW)

    def wait_s(self, now_s: float) -> float:
        """How long it takes until a restart is allowed; 0 where it is now."""
        if not self._taken:
            return 0.0
        full = len(self._taken) == MAX_IN_WINDOW
        due_s = max(self._taken[-1] + MIN_PAUSE_S, self._taken[0] + WINDOW_S if full else 0.0)
        return max(0.0, due_s - now_s)

    def try_take(self, now_s: float) -> bool:
        """Note a restart, if one is allowed now."""
        if self.wait_s(now_s) > 0:
            return False
        self._taken.append(now_s)
        return True

    def answered(self, now_s: float) -> None:
        """The restart that was noted last is answered: it has reached the focus by now at the latest."""
        self._taken[-1] = now_s

    def refused(self) -> None:
        """The focus did not allow the restart that was noted last, and does not count it."""
        self._taken.pop()
