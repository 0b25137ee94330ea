"""When to try to join again, and when to give up."""

from __future__ import annotations

import time
from collections.abc import Callable

from eyeline.integrations.zoom.patience import Patience
from eyeline.integrations.zoom.situations import ABSENT, Again, Situation


class Retries:
    """The tries of one joining.

    Args:
        patience: Pauses and limits.
        clock_s: Monotonic.
    """

    def __init__(self, patience: Patience, *, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._patience = patience
        self._clock_s = clock_s
        self._soon = iter(patience.soon_pauses_s)
        self._pause_s = patience.first_pause_s
        self._waiting_since_s: float | None = None

    def pause_s(self, situation: Situation) -> float | None:
        """How long to wait before the next try; `None` where there is to be none."""
        match situation.again:
            case Again.NEVER:
                return None
            case Again.SOON:
                return next(self._soon, None)
            case Again.LATER:
                return self._pause_for_a_person(situation)

    def _pause_for_a_person(self, situation: Situation) -> float | None:
        patience, now_s = self._patience, self._clock_s()
        if self._waiting_since_s is None:
            self._waiting_since_s = now_s
        limit_s = patience.absent_limit_s if situation is ABSENT else patience.people_limit_s
        pause_s = self._pause_s
        if now_s - self._waiting_since_s + pause_s > limit_s:
            return None
        self._pause_s = min(pause_s * 2, patience.longest_pause_s)
        return pause_s
