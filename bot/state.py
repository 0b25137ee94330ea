"""The life of a session as states, and the moves between them that make sense."""

from __future__ import annotations

from enum import Enum


class SessionState(Enum):
    """Where a session stands."""

    CONNECTING = "connecting"
    WAITING = "waiting"
    LIVE = "live"
    PAUSED = "paused"
    RECONNECTING = "reconnecting"
    LEFT = "left"
    FAILED = "failed"


_S = SessionState
_TRANSITIONS: dict[SessionState, frozenset[SessionState]] = {
    _S.CONNECTING: frozenset({_S.WAITING, _S.LIVE, _S.PAUSED, _S.RECONNECTING, _S.LEFT, _S.FAILED}),
    _S.WAITING: frozenset({_S.LIVE, _S.PAUSED, _S.RECONNECTING, _S.LEFT, _S.FAILED}),
    _S.LIVE: frozenset({_S.WAITING, _S.PAUSED, _S.RECONNECTING, _S.LEFT, _S.FAILED}),
    _S.PAUSED: frozenset({_S.WAITING, _S.LIVE, _S.RECONNECTING, _S.LEFT, _S.FAILED}),
    _S.RECONNECTING: frozenset({_S.WAITING, _S.LIVE, _S.PAUSED, _S.LEFT, _S.FAILED}),
    _S.LEFT: frozenset(),
    _S.FAILED: frozenset(),
}


def can_move(old: SessionState, new: SessionState) -> bool:
    """Whether a session may go from one state to another; `LEFT` and `FAILED` are final."""
    return new in _TRANSITIONS[old]
