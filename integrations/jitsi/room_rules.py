"""Rules of a room that a part of the server announces."""

from __future__ import annotations

import json

from eyeline.integrations.events import MediaKind
from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.stanzas import Message


def start_muted(message: Message) -> frozenset[MediaKind]:
    """What the room wants newcomers to start muted; the server says it before we are in. Empty for other messages."""
    if message.sender is None or message.sender.local:
        return frozenset()  # said by a member, who has no say in this
    metadata = _member(_json(message.text(ns.JITMEET, "json-message")), "metadata")
    rule = _member(metadata, "startMuted")
    return frozenset(kind for kind in MediaKind if _member(rule, kind.value) is True)


def _json(text: str) -> object:
    try:
        return json.loads(text or "{}")
    except (ValueError, RecursionError):
        return None


def _member(value: object, key: str) -> object:
    return value.get(key) if isinstance(value, dict) else None
