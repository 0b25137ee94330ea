"""Where one try to be in a meeting stands, by the SDK's own words, and for how long it may stand there."""

from __future__ import annotations

from enum import Enum

from eyeline.integrations.zoom.patience import Patience
from eyeline.integrations.zoom.situations import (
    NO_AUTHENTICATION,
    NO_HOST,
    NOT_LET_IN,
    NOT_MOVED,
    NOT_RECONNECTED,
    STUCK_CONNECTING,
    Situation,
)


class Stage(Enum):
    """From the first message to the bridge to the end, which is an exception and no stage."""

    AUTHENTICATING = "authenticating"
    CONNECTING = "connecting"
    WAITING_FOR_HOST = "waiting for the host"
    WAITING_ROOM = "waiting room"
    INSIDE = "inside"
    RECONNECTING = "reconnecting"
    MOVING = "moving"


_S = Stage
_BEFORE = frozenset({_S.CONNECTING, _S.WAITING_FOR_HOST, _S.WAITING_ROOM, _S.INSIDE, _S.MOVING})
_AFTER = frozenset({_S.WAITING_ROOM, _S.INSIDE, _S.RECONNECTING, _S.MOVING})
_TRANSITIONS: dict[Stage, frozenset[Stage]] = {
    _S.AUTHENTICATING: _BEFORE,
    _S.CONNECTING: _BEFORE,
    _S.WAITING_FOR_HOST: _BEFORE,
    _S.WAITING_ROOM: _BEFORE | _AFTER,
    _S.INSIDE: _AFTER,
    _S.RECONNECTING: _AFTER,
    _S.MOVING: _AFTER,
}

STATUS: dict[str, Stage] = {
    "MEETING_STATUS_CONNECTING": _S.CONNECTING,
    "MEETING_STATUS_WAITINGFORHOST": _S.WAITING_FOR_HOST,
    "MEETING_STATUS_IN_WAITING_ROOM": _S.WAITING_ROOM,
    "MEETING_STATUS_INMEETING": _S.INSIDE,
    "MEETING_STATUS_RECONNECTING": _S.RECONNECTING,
    "MEETING_STATUS_JOIN_BREAKOUT_ROOM": _S.MOVING,
    "MEETING_STATUS_LEAVE_BREAKOUT_ROOM": _S.MOVING,
}
"""By the SDK's `MeetingStatus`."""

FAILED = "MEETING_STATUS_FAILED"
ENDED = "MEETING_STATUS_ENDED"

NEWS: dict[str, tuple[str, str]] = {
    "MEETING_STATUS_LOCKED": ("meeting_locked", "The host has locked the meeting: nobody else comes in."),
    "MEETING_STATUS_UNLOCKED": ("meeting_unlocked", "The host has unlocked the meeting."),
    "MEETING_STATUS_WEBINAR_PROMOTE": ("webinar_panelist", "The host made us a panelist of the webinar."),
    "MEETING_STATUS_WEBINAR_DEPROMOTE": (
        "webinar_attendee",
        "The host made us an attendee of the webinar: nobody sees our picture.",
    ),
}
"""What changes nothing for us: code and text of an advice."""

SILENT = frozenset({"MEETING_STATUS_IDLE", "MEETING_STATUS_DISCONNECTING", "MEETING_STATUS_UNKNOWN"})
"""What says nothing by itself: the status after it does."""


def can_move(old: Stage, new: Stage) -> bool:
    """Whether a try may go from one stage to another."""
    return new in _TRANSITIONS[old]


def limit_s(stage: Stage, patience: Patience) -> float | None:
    """For how long a try may stand there; `None` for ever."""
    return {
        _S.AUTHENTICATING: patience.auth_limit_s,
        _S.CONNECTING: patience.connecting_limit_s,
        _S.WAITING_FOR_HOST: patience.people_limit_s,
        _S.WAITING_ROOM: patience.people_limit_s,
        _S.RECONNECTING: patience.reconnecting_limit_s,
        _S.MOVING: patience.moving_limit_s,
    }.get(stage)


def overdue(stage: Stage) -> Situation:
    """What it means that nothing came in time."""
    return {
        _S.AUTHENTICATING: NO_AUTHENTICATION,
        _S.WAITING_FOR_HOST: NO_HOST,
        _S.WAITING_ROOM: NOT_LET_IN,
        _S.RECONNECTING: NOT_RECONNECTED,
        _S.MOVING: NOT_MOVED,
    }.get(stage, STUCK_CONNECTING)
