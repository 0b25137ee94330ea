"""Jingle (XEP-0166) as jicofo speaks it: elements to values and back. No input or output, no state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self
from xml.etree.ElementTree import Element, SubElement

from eyeline.integrations.errors import ProtocolError
from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.content import Content, parse_bundle, parse_contents
from eyeline.integrations.jitsi.data_content import DataContent
from eyeline.integrations.jitsi.fields import line, token
from eyeline.integrations.jitsi.session_accept import SessionAccept
from eyeline.integrations.jitsi.sources import Source, parse_sources
from eyeline.integrations.jitsi.transport import Transport

JINGLE = ns.qname(ns.JINGLE, "jingle")
_CONTENT = ns.qname(ns.JINGLE, "content")
_REASON = ns.qname(ns.JINGLE, "reason")
_TEXT = ns.qname(ns.JINGLE, "text")
_BRIDGE_SESSION = ns.qname(ns.FOCUS, "bridge-session")
_JSON_MESSAGE = ns.qname(ns.JITMEET, "json-message")


@dataclass(frozen=True, slots=True)
class SessionInitiate:
    """An offer.

    Args:
        sid: Session id.
        initiator: Address of who offers: the focus, or an occupant who wants to talk past the bridge.
        contents: Sound and picture, in order; others are left out.
        transport: The one that all contents share.
        sources: Everybody's, placeholders included.
        bridge_session_id: To be named when asking for another session; empty when there is no bridge.
        bridge_url: WebSocket of the bridge channel, or `None`.
        bundle: Names of the contents that share the transport.
        data: The bridge's data channel, or `None`.
    """

    sid: str
    initiator: str
    contents: tuple[Content, ...]
    transport: Transport
    sources: tuple[Source, ...]
    bridge_session_id: str = ""
    bridge_url: str | None = None
    bundle: tuple[str, ...] = ()
    data: DataContent | None = None

    @classmethod
    def parse(cls, jingle: Element) -> Self:
        """Read an offer.

        Raises:
            ProtocolError: It has neither sound nor picture, or no transport with a fingerprint.
        """
        contents = parse_contents(jingle)
        if not contents:
            raise ProtocolError("The server offered a session without sound and picture.")
        transports = [each.transport for each in contents if each.transport is not None]
        if not transports or not transports[0].fingerprints:
            raise ProtocolError("The server offered a session without a transport and its fingerprint.")
        data = DataContent.find(jingle)
        if data and data.name in {each.name for each in contents}:
            raise ProtocolError("The server sent two contents of one name.")
        bridge_session = jingle.find(_BRIDGE_SESSION)
        return cls(
            sid=token(jingle, "sid"),
            initiator=line(jingle, "initiator", ""),
            contents=contents,
            transport=transports[0],
            sources=_sources(jingle, contents),
            bridge_session_id="" if bridge_session is None else token(bridge_session, "id", ""),
            bridge_url=next((each.bridge_url for each in transports if each.bridge_url), None),
            bundle=parse_bundle(jingle),
            data=data,
        )


@dataclass(frozen=True, slots=True)
class SourceAdd:
    """Others began to send."""

    sid: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class SourceRemove:
    """Others ceased to send."""

    sid: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class SessionTerminate:
    """The session is over.

    Args:
        sid: Session id.
        reason: `success`, `expired`, `connectivity-error`, ...; empty when none was given.
        text: `moving` when another session follows; may be empty.
        bridge_session_id: As in the offer; only in our own.
        restart: Whether another session is asked for; only in our own.
    """

    sid: str
    reason: str
    text: str = ""
    bridge_session_id: str = ""
    restart: bool = False


@dataclass(frozen=True, slots=True)
class TransportInfo:
    """More candidates."""

    sid: str
    transport: Transport


@dataclass(frozen=True, slots=True)
class UnknownAction:
    """An action that we do not know."""

    sid: str
    action: str


JingleAction = (
    SessionInitiate | SessionAccept | SourceAdd | SourceRemove | SessionTerminate | TransportInfo | UnknownAction
)


def parse_jingle(jingle: Element) -> JingleAction:
    """Read a `<jingle/>` element.

    Raises:
        ProtocolError: It is malformed; the message names what is missing.
    """
    if jingle.tag != JINGLE:
        raise ProtocolError(f"The server sent <{jingle.tag[:80]}/> where Jingle belongs.")
    action, sid = token(jingle, "action"), token(jingle, "sid")
    match action:
        case "session-initiate":
            return SessionInitiate.parse(jingle)
        case "session-accept":
            return SessionAccept.parse(jingle)
        case "source-add":
            return SourceAdd(sid, _sources(jingle, parse_contents(jingle)))
        case "source-remove":
            return SourceRemove(sid, _sources(jingle, parse_contents(jingle)))
        case "session-terminate":
            return _terminate(jingle, sid)
        case "transport-info":
            return _transport_info(jingle, sid)
    return UnknownAction(sid, action)


def build_terminate(
    sid: str, reason: str, text: str = "", bridge_session_id: str | None = None, restart: bool = False
) -> Element:
    """Write `<jingle action='session-terminate'/>`.

    Args:
        sid: Session id.
        reason: One of XEP-0166, section 7.4.
        text: For a person, or empty.
        bridge_session_id: From the offer.
        restart: Whether jicofo shall offer another session.
    """
    jingle = Element(JINGLE, {"action": "session-terminate", "sid": sid})
    element = SubElement(jingle, _REASON)
    SubElement(element, ns.qname(ns.JINGLE, reason))
    if text:
        SubElement(element, _TEXT).text = text
    if bridge_session_id:
        attributes = {"id": bridge_session_id} | ({"restart": "true"} if restart else {})
        SubElement(jingle, _BRIDGE_SESSION, attributes)
    return jingle


def build_decline(sid: str) -> Element:
    """Write the refusal of a session past the bridge."""
    return build_terminate(sid, "decline")


def _sources(jingle: Element, contents: tuple[Content, ...]) -> tuple[Source, ...]:
    message = jingle.find(_JSON_MESSAGE)
    compact = () if message is None else parse_sources(message.text or "")
    return (*compact, *(source for content in contents for source in content.sources))


def _terminate(jingle: Element, sid: str) -> SessionTerminate:
    reason = jingle.find(_REASON)
    children = () if reason is None else tuple(reason)
    names = [each.tag.rpartition("}")[2] for each in children if each.tag != _TEXT]
    texts = [each.text or "" for each in children if each.tag == _TEXT]
    session = jingle.find(_BRIDGE_SESSION)
    return SessionTerminate(
        sid,
        names[0] if names else "",
        texts[0] if texts else "",
        "" if session is None else token(session, "id", ""),
        session is not None and session.get("restart") == "true",
    )


def _transport_info(jingle: Element, sid: str) -> TransportInfo:
    content = jingle.find(_CONTENT)
    if content is None:
        raise ProtocolError("The server sent candidates outside of any content.")
    return TransportInfo(sid, Transport.of(content))
