"""A member of a room as the focus sees it, and its Jingle session."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from xml.etree.ElementTree import Element

from jitsi_lab import xml
from jitsi_lab.endpoint import Endpoint
from jitsi_lab.sources import SourceSet

_ENDPOINT_ID = re.compile(r"[0-9a-f]{8}")


class SessionState(Enum):
    """Where a session stands; `SESSION_STEPS` says what may follow what."""

    OFFERED = "offered"
    ACTIVE = "active"
    DEAD = "dead"


SESSION_STEPS = {
    SessionState.OFFERED: frozenset({SessionState.ACTIVE, SessionState.DEAD}),
    SessionState.ACTIVE: frozenset({SessionState.DEAD}),
    SessionState.DEAD: frozenset[SessionState](),
}


@dataclass(slots=True)
class Session:
    """One Jingle session with its place at the bridge.

    Attributes:
        told: What this member was told that the others send, by owner.
        sources: What this member sends.
    """

    endpoint: Endpoint
    sid: str = field(default_factory=lambda: secrets.token_hex(7))
    bridge_session_id: str = field(default_factory=lambda: secrets.token_hex(16))
    state: SessionState = SessionState.OFFERED
    told: dict[str, SourceSet] = field(default_factory=dict)
    sources: SourceSet = field(default_factory=SourceSet)

    def step(self, to: SessionState) -> None:
        """Go to another state.

        Raises:
            RuntimeError: That is no way to go.
        """
        if to not in SESSION_STEPS[self.state]:
            raise RuntimeError(f"a session cannot go from {self.state.value} to {to.value}")
        self.state = to

    @property
    def alive(self) -> bool:
        """Whether it has not ended."""
        return self.state is not SessionState.DEAD


@dataclass(slots=True)
class Member:
    """One occupant that is not the focus.

    Attributes:
        features: Known once it answered disco#info properly.
        session: The latest, dead or alive; `None` when it has to be invited.
        restarts_at_s: When it asked for restarts that it was allowed.
        restarts_refused: How often it asked too soon.
        approved: Kinds of media that a moderator allowed it to unmute.
    """

    nick: str
    real_jid: str = ""
    moderator: bool = False
    caps: tuple[str, str] = ("", "")
    features: frozenset[str] | None = None
    session: Session | None = None
    restarts_at_s: list[float] = field(default_factory=list)
    restarts_refused: int = 0
    approved: set[str] = field(default_factory=set)

    def update(self, presence: Element) -> None:
        """Take over what a presence says."""
        item = presence.find(f"{{{xml.MUC_USER}}}x/{{{xml.MUC_USER}}}item")
        if item is not None:
            self.moderator = item.get("role") == "moderator"
            self.real_jid = item.get("jid", self.real_jid)
        caps = presence.find(f"{{{xml.CAPS}}}c")
        if caps is not None:
            self.caps = (caps.get("node", ""), caps.get("ver", ""))


def faults_of(presence: Element, nick: str) -> Iterator[str]:
    """What a correct client's presence in a room would not lack."""
    if not _ENDPOINT_ID.fullmatch(nick):
        yield f"the nick {nick!r} is not an endpoint id"
    if presence.find(f"{{{xml.CAPS}}}c") is None:
        yield f"a presence of {nick} lacks its capabilities"
    if presence.find(f"{{{xml.NICK}}}nick") is None:
        yield f"a presence of {nick} lacks the display name"
    info = presence.find("{*}SourceInfo")
    if info is None:
        yield f"a presence of {nick} lacks SourceInfo"
    else:
        yield from _faults_of_source_info(info.text or "", nick)


def _faults_of_source_info(text: str, nick: str) -> Iterator[str]:
    try:
        info = json.loads(text)
    except ValueError:
        info = None
    if not isinstance(info, dict):
        yield f"SourceInfo of {nick} is not a JSON object: {text[:200]!r}"
        return
    for name, state in info.items():
        if not name.startswith(f"{nick}-"):
            yield f"SourceInfo of {nick} speaks of {name!r}"
        if not isinstance(state, dict) or not isinstance(state.get("muted"), bool):
            yield f"SourceInfo of {nick} does not say whether {name!r} is muted"
