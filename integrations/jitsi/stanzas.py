"""The three stanzas of XMPP (RFC 6120, section 8) as frozen values."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar
from xml.etree.ElementTree import Element, SubElement

from eyeline.integrations.errors import ProtocolError
from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.errors import StanzaError
from eyeline.integrations.jitsi.jid import Jid
from eyeline.integrations.jitsi.xml import split_name

_MAX_ERROR_TEXT_CHARS = 300
Kind = TypeVar("Kind", bound=Enum)


class IqType(Enum):
    """RFC 6120, section 8.2.3."""

    GET = "get"
    SET = "set"
    RESULT = "result"
    ERROR = "error"


class PresenceType(Enum):
    """The types that a room uses."""

    AVAILABLE = ""
    UNAVAILABLE = "unavailable"
    ERROR = "error"
    OTHER = "other"


class MessageType(Enum):
    """RFC 6121, section 5.2.2."""

    NORMAL = "normal"
    CHAT = "chat"
    GROUPCHAT = "groupchat"
    HEADLINE = "headline"
    ERROR = "error"


def new_id() -> str:
    """An id for a stanza that nobody can guess, so that nobody can answer in another's place."""
    return uuid.uuid4().hex


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stanza:
    to: Jid | None = None
    sender: Jid | None = None
    id: str = ""
    children: tuple[Element, ...] = ()

    def child(self, namespace: str, name: str) -> Element | None:
        """The first child with that name."""
        tag = ns.qname(namespace, name)
        return next((element for element in self.children if element.tag == tag), None)

    def text(self, namespace: str, name: str) -> str:
        """The text of that child, empty when it is not there."""
        element = self.child(namespace, name)
        return "" if element is None else element.text or ""

    def _element(self, name: str, kind: str) -> Element:
        element = Element(ns.qname(ns.CLIENT, name))
        for key, value in (("type", kind), ("id", self.id), ("to", self.to), ("from", self.sender)):
            if value:
                element.set(key, str(value))
        element.extend(self.children)
        return element


@dataclass(frozen=True, slots=True, kw_only=True)
class Iq(_Stanza):
    """A request or a reply."""

    type: IqType

    @property
    def payload(self) -> Element | None:
        """The one element that it is about."""
        return next(iter(self.children), None)

    def result(self, *payload: Element) -> Iq:
        """The reply that grants this request."""
        return Iq(type=IqType.RESULT, id=self.id, to=self.sender, children=payload)

    def error(self, kind: str, condition: str) -> Iq:
        """The reply that refuses this request."""
        error = Element(ns.qname(ns.CLIENT, "error"), {"type": kind})
        SubElement(error, ns.qname(ns.STANZA_ERRORS, condition))
        return Iq(type=IqType.ERROR, id=self.id, to=self.sender, children=(error,))

    def to_xml(self) -> Element:
        """The stanza as an element."""
        return self._element("iq", self.type.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence(_Stanza):
    """Somebody is there, in what state, or gone."""

    type: PresenceType = PresenceType.AVAILABLE

    def to_xml(self) -> Element:
        """The stanza as an element."""
        return self._element("presence", self.type.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(_Stanza):
    """Something said, by a person or by a part of the server."""

    type: MessageType = MessageType.NORMAL

    def to_xml(self) -> Element:
        """The stanza as an element."""
        return self._element("message", self.type.value)


Stanza = Iq | Presence | Message


def iq_get(to: Jid | None, payload: Element) -> Iq:
    """A question."""
    return Iq(type=IqType.GET, id=new_id(), to=to, children=(payload,))


def iq_set(to: Jid | None, payload: Element) -> Iq:
    """An order."""
    return Iq(type=IqType.SET, id=new_id(), to=to, children=(payload,))


def parse_stanza(element: Element) -> Stanza | None:
    """Read an element; `None` when it is no stanza.

    Raises:
        ProtocolError: An address or an IQ's type is not one.
    """
    to, sender = _jid(element.get("to")), _jid(element.get("from"))
    stanza_id, kind, children = element.get("id", ""), element.get("type", ""), tuple(element)
    match split_name(element.tag):
        case (ns.CLIENT, "iq"):
            iq_type = _member(IqType, kind)
            if iq_type is None or not stanza_id:
                raise ProtocolError(f"The server sent an IQ of type {kind[:40]!r} with id {stanza_id[:40]!r}.")
            return Iq(type=iq_type, to=to, sender=sender, id=stanza_id, children=children)
        case (ns.CLIENT, "presence"):
            presence_type = _member(PresenceType, kind) or PresenceType.OTHER
            return Presence(type=presence_type, to=to, sender=sender, id=stanza_id, children=children)
        case (ns.CLIENT, "message"):
            message_type = _member(MessageType, kind) or MessageType.NORMAL
            return Message(type=message_type, to=to, sender=sender, id=stanza_id, children=children)
    return None


def parse_error(stanza: Stanza) -> StanzaError:
    """The error that a stanza of type `error` carries (RFC 6120, section 8.3)."""
    error = stanza.child(ns.CLIENT, "error")
    if error is None:
        return StanzaError("cancel", "undefined-condition")
    condition, text, details = "undefined-condition", "", list[Element]()
    for child in error:
        namespace, name = split_name(child.tag)
        if namespace != ns.STANZA_ERRORS:
            details.append(child)
        elif name == "text":
            text = (child.text or "")[:_MAX_ERROR_TEXT_CHARS]
        else:
            condition = name
    beside = [child for child in stanza.children if child is not error]
    return StanzaError(
        error.get("type", "cancel"), condition, text, number=error.get("code", ""), details=(*details, *beside)
    )


def _jid(text: str | None) -> Jid | None:
    return Jid.parse(text) if text else None


def _member(kinds: type[Kind], value: str) -> Kind | None:
    try:
        return kinds(value)
    except ValueError:
        return None
