"""When keyframes are made and asked for: a picture that is whole costs ten times one that continues another."""

from __future__ import annotations

import math
from typing import Final

INTERVAL_S: Final = 0.4
LAYERED_INTERVAL_S: Final = 0.2  # a bridge asks no more often, and shows another layer only where there is a keyframe
LAYERED_GROUP_S: Final = 0.3  # within which a bridge takes keyframes for one
_AFTER_GROUP_S: Final = 0.05
STARTUP_S: Final = 15.0
STARTUP_INTERVAL_S: Final = 3.0
RETURN_S: Final = 1.0
RETURN_INTERVAL_S: Final = 0.1
FIRST_RETRY_S: Final = 0.2
LAST_RETRY_S: Final = 1.6


class KeyframeSchedule:
    """Decides for each picture that is sent whether it becomes a keyframe.

    Requests are granted once in an interval; one that comes too early is granted at the interval's end. In its first
    seconds a stream has keyframes of its own accord: a bridge drops pictures until it has settled whom to send what,
    and then knows no better than to wait for the next keyframe. For the same reason requests are granted sooner in the
    second after a pause.

    Args:
        interval_s: The least time between two keyframes that others ask for.
        group_s: Within which keyframes count as one for the receiver, who passes over all but the first. One of the
            others, such as that of layers which go on where a taller one ends, is made again after that.
    """

    def __init__(self, interval_s: float = INTERVAL_S, group_s: float = 0.0) -> None:
        self._interval_s = interval_s
        self._group_s = group_s
        self._group_at_s: float | None = None
        self._passed_over = False
        self._asked = False
        self._begun_at_s: float | None = None
        self._last_at_s: float | None = None
        self._returned_at_s: float | None = None

    def request(self) -> None:
        """Somebody lost the picture."""
        self._asked = True

    def returned(self, now_s: float) -> None:
        """Somebody looks whom nothing was sent for a while."""
        self._asked = True
        self._returned_at_s = now_s

    def due(self, now_s: float) -> bool:
        """Whether the picture that is encoded now has to be a keyframe."""
        if self._begun_at_s is None or self._last_at_s is None:
            return True
        if self._passed_over and self._since_group_s(now_s) >= self._group_s + _AFTER_GROUP_S:
            return True
        since_last_s = now_s - self._last_at_s
        if self._asked:
            returns = self._returned_at_s is not None and now_s - self._returned_at_s < RETURN_S
            return since_last_s >= (RETURN_INTERVAL_S if returns else self._interval_s)
        return now_s - self._begun_at_s <= STARTUP_S and since_last_s >= STARTUP_INTERVAL_S

    def sent(self, now_s: float) -> None:
        """A keyframe was made, whoever wanted it."""
        if self._begun_at_s is None:
            self._begun_at_s = now_s
        self._last_at_s = now_s
        self._asked = False
        self._passed_over = self._since_group_s(now_s) < self._group_s
        if not self._passed_over:
            self._group_at_s = now_s

    def _since_group_s(self, now_s: float) -> float:
        """Since the first keyframe of those that count as one."""
        return math.inf if self._group_at_s is None else now_s - self._group_at_s


class KeyframeDemand:
    """How often a receiver asks for a keyframe: at once, then with growing pauses until one comes."""

    def __init__(self) -> None:
        self._asked_at_s: float | None = None
        self._pause_s = FIRST_RETRY_S

    def due(self, now_s: float) -> bool:
        """Whether to ask now; counts as asked when it says so."""
        if self._asked_at_s is None:
            self._pause_s = FIRST_RETRY_S
        elif now_s - self._asked_at_s < self._pause_s:
            return False
        else:
            self._pause_s = min(LAST_RETRY_S, self._pause_s * 2)
        self._asked_at_s = now_s
        return True

    def met(self) -> None:
        """A keyframe came."""
        self._asked_at_s = None
