"""How long to wait for what others have to do before we are in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """Pauses and limits on the way into a room.

    Args:
        first_retry_s: Pause after the first `ready=false` of the focus; grows up to `longest_retry_s`.
        longest_retry_s: Longest such pause.
        ready_limit_s: How long to wait for the focus to be ready.
        moderator_retry_s: Pause between requests while a moderator is missing.
        open_tries: How often to join a room that the focus says is open and the server says is not.
        open_pause_s: Pause before the second try; grows with each further one.
        seat_retry_s: Pause between tries while the room is full.
        people_limit_s: How long to wait for a person: for a moderator to open the room or to let us in from the lobby,
            or for somebody to leave a full room.
        password_tries: How many passwords a person may try.
    """

    first_retry_s: float = 0.4
    longest_retry_s: float = 8.0
    ready_limit_s: float = 60.0
    moderator_retry_s: float = 5.0
    open_tries: int = 8
    open_pause_s: float = 0.4
    seat_retry_s: float = 30.0
    people_limit_s: float = 1800.0
    password_tries: int = 3
