"""Where a bridge is on its way into a meeting and out of it."""

from __future__ import annotations

from enum import Enum, auto


class Phase(Enum):
    """What a bridge is doing."""

    WAITING_FOR_BEGIN = auto()
    AUTHENTICATING = auto()
    JOINING = auto()
    """Connecting, waiting for the host, or in the waiting room."""
    IN_MEETING = auto()
    AWAY = auto()
    """Reconnecting, or between a meeting and one of its breakout rooms: nothing of the meeting may be asked."""
    LEAVING = auto()
    """Asked for; the SDK's word on it is waited for."""
    ENDED = auto()
    """Nothing is done any more but to end."""


_NEXT = {
    Phase.WAITING_FOR_BEGIN: {Phase.AUTHENTICATING, Phase.ENDED},
    Phase.AUTHENTICATING: {Phase.JOINING, Phase.ENDED},
    Phase.JOINING: {Phase.IN_MEETING, Phase.AWAY, Phase.LEAVING, Phase.ENDED},
    Phase.IN_MEETING: {Phase.JOINING, Phase.AWAY, Phase.LEAVING, Phase.ENDED},
    Phase.AWAY: {Phase.IN_MEETING, Phase.JOINING, Phase.LEAVING, Phase.ENDED},
    Phase.LEAVING: {Phase.ENDED},
    Phase.ENDED: set(),
}

STATUS_PHASES = {
    "MEETING_STATUS_CONNECTING": Phase.JOINING,
    "MEETING_STATUS_WAITINGFORHOST": Phase.JOINING,
    "MEETING_STATUS_IN_WAITING_ROOM": Phase.JOINING,
    "MEETING_STATUS_INMEETING": Phase.IN_MEETING,
    "MEETING_STATUS_RECONNECTING": Phase.AWAY,
    "MEETING_STATUS_JOIN_BREAKOUT_ROOM": Phase.AWAY,
    "MEETING_STATUS_LEAVE_BREAKOUT_ROOM": Phase.AWAY,
    "MEETING_STATUS_FAILED": Phase.ENDED,
    "MEETING_STATUS_ENDED": Phase.ENDED,
}
"""What a status of the SDK's means for us; the others mean nothing."""


def may_follow(phase: Phase, following: Phase) -> bool:
    """Whether a bridge can get from one to the other."""
    return following in _NEXT[phase]
