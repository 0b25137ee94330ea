"""What memberships that follow each other have in common: who we are, and where we belong."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from eyeline.integrations.jitsi.jid import Jid


@dataclass(slots=True)
class Place:
    """Kept by whoever joins again after a loss, so that it is the same person who comes back, and only once.

    Attributes:
        room: `None` is the room of the URL, else the one that a moderator sent us to.
        resource: What an account's stream is bound to: the server ends the older one of two.
        resumable: Whether the server lets us resume a stream; one that does not would keep a ghost of us in the room.
        last_nick: Under which we were in the room when the last membership was lost; empty after a good-bye.
    """

    room: Jid | None = None
    resource: str = field(default_factory=lambda: f"eyeline-{secrets.token_hex(4)}")
    resumable: bool = True
    last_nick: str = ""
