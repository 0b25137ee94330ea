"""What a part of the server announces of a room: who may send, who starts muted, who goes where.

Jitsi's modules for Prosody say it as JSON in a message of their own. A member cannot: its messages come from an address
with a nick or an account.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from eyeline.integrations.errors import ProtocolError
from eyeline.integrations.events import MediaKind
from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.jid import Jid
from eyeline.integrations.jitsi.stanzas import Message

_MOVE = ("features/breakout-rooms/move-to-room", "features/breakout-rooms/move-to-room-request")


@dataclass(frozen=True, slots=True)
class StartMuted:
    """Newcomers start muted; the server says it before we are in."""

    kinds: frozenset[MediaKind]


@dataclass(frozen=True, slots=True)
class Moderation:
    """Whether moderators decide who may send a kind of media; `actor` is the one who switched that."""

    kind: MediaKind
    enabled: bool
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Leave:
    """A moderator allows us to send a kind of media, or takes that back."""

    kind: MediaKind
    granted: bool


@dataclass(frozen=True, slots=True)
class MoveTo:
    """A moderator sends us to another room of the same meeting."""

    room: Jid


Announcement = StartMuted | Moderation | Leave | MoveTo


def parse_announcement(message: Message, *, server: str) -> Announcement | None:
    """Read what a part of the server says; `None` for all other messages.

    Args:
        message: Any.
        server: The deployment's domain; strangers are not listened to.
    """
    if message.sender is None or message.sender.local or not _belongs(message.sender.domain, server):
        return None
    said = _json(message.text(ns.JITMEET, "json-message"))
    match _member(said, "type"):
        case "av_moderation":
            return _moderation(said)
        case str() as kind if kind in _MOVE:
            return _move(_member(said, "roomJid"), server)
    rule = _member(_member(said, "metadata"), "startMuted")
    kinds = frozenset(kind for kind in MediaKind if _member(rule, kind.value) is True)
    return StartMuted(kinds) if kinds else None


def _moderation(said: object) -> Moderation | Leave | None:
    kind = next((each for each in MediaKind if each.value == _member(said, "mediaType")), None)
    if kind is None:
        return None
    if _member(said, "approved") is True:
        return Leave(kind, granted=True)
    if _member(said, "removed") is True:
        return Leave(kind, granted=False)
    enabled, actor = _member(said, "enabled"), _member(said, "actor")
    return Moderation(kind, enabled, actor if isinstance(actor, str) else "") if isinstance(enabled, bool) else None


def _move(address: object, server: str) -> MoveTo | None:
    try:
        room = Jid.parse(address) if isinstance(address, str) else None
    except ProtocolError:
        return None
    return MoveTo(room) if room and room.local and not room.resource and _belongs(room.domain, server) else None


def _belongs(domain: str, server: str) -> bool:
    return domain == server or domain.endswith(f".{server}")


def _json(text: str) -> object:
    try:
        return json.loads(text or "{}")
    except (ValueError, RecursionError):
        return None


def _member(value: object, key: str) -> object:
    return value.get(key) if isinstance(value, dict) else None
