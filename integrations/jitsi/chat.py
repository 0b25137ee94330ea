"""Chat of a room, in and out (XEP-0045, XEP-0203)."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element

from eyeline.config.errors import UsageError
from eyeline.integrations.events import ChatReceived, Identity, IdentityKind, Participant
from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.identity import occupant_id_of
from eyeline.integrations.jitsi.jid import Jid
from eyeline.integrations.jitsi.roster import FOCUS_NICK, display_name
from eyeline.integrations.jitsi.stanzas import Message, MessageType, new_id
from eyeline.integrations.jitsi.xml import clean_text

MAX_TEXT_CHARS = 4000


def parse_chat(
    message: Message, *, room: Jid, own_nick: str, participants: Mapping[str, Participant]
) -> ChatReceived | None:
    """Read a line of chat; `None` when the message is none, or ours, or not from a member of the room.

    A line is history only when the room itself delayed it: a line that our own server kept for us during a short
    outage is delayed too, but was said to us.
    """
    sender, text = message.sender, message.text(ns.CLIENT, "body").strip()
    if sender is None or sender.bare != room or sender.resource in ("", own_nick, FOCUS_NICK) or not text:
        return None
    if message.type not in (MessageType.GROUPCHAT, MessageType.CHAT):
        return None
    history = message.type is MessageType.GROUPCHAT and _delayed_by_room(message, room)
    known = participants.get(sender.resource)
    if known is None and not history:
        return None
    name = known.name if known else display_name(message.text(ns.NICK, "nick"), sender.resource)
    private = message.type is MessageType.CHAT
    return ChatReceived(
        sender.resource,
        name,
        text[:MAX_TEXT_CHARS],
        private=private,
        history=history,
        identity=None if history or known is None else _identity(message, known),
        bot=known is not None and known.bot,
    )


def _identity(message: Message, sender: Participant) -> Identity | None:
    """Who said it: the one who holds the nick now. Stanzas of a room keep their order, so it is nobody before or after.

    A line that carries another occupant id than its sender's presence is nobody's.
    """
    identity = sender.identity
    if identity is not None and identity.kind is IdentityKind.OCCUPANT and occupant_id_of(message) != identity.value:
        return None
    return identity


def _delayed_by_room(message: Message, room: Jid) -> bool:
    delays = (child for child in message.children if child.tag == ns.qname(ns.DELAY, "delay"))
    return any(delay.get("from", "").partition("/")[0] in (str(room), room.domain) for delay in delays)


def chat_message(text: str, *, room: Jid, to: str | None = None) -> Message:
    """A line for everybody in the room, or for the occupant `to` alone.

    Raises:
        UsageError: The line is empty or too long.
    """
    cleaned = clean_text(text).strip()
    if not cleaned:
        raise UsageError("A line of chat needs a text.")
    if len(cleaned) > MAX_TEXT_CHARS:
        raise UsageError(f"A line of chat has at most {MAX_TEXT_CHARS} characters, not {len(cleaned)}.")
    body = Element(ns.qname(ns.CLIENT, "body"))
    body.text = cleaned
    if to is None:
        return Message(type=MessageType.GROUPCHAT, to=room, id=new_id(), children=(body,))
    return Message(type=MessageType.CHAT, to=room.with_resource(to), id=new_id(), children=(body,))
