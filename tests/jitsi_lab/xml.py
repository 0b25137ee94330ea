"""Namespaces and the little XML writing that both stand-ins need."""

from __future__ import annotations

from xml.etree.ElementTree import Element, tostring

CLIENT = "jabber:client"
CAPS = "http://jabber.org/protocol/caps"
COLIBRI = "http://jitsi.org/protocol/colibri"
DISCO_INFO = "http://jabber.org/protocol/disco#info"
DTLS = "urn:xmpp:jingle:apps:dtls:0"
DTLS_SCTP = "urn:xmpp:jingle:transports:dtls-sctp:1"
FOCUS = "http://jitsi.org/protocol/focus"
GROUPING = "urn:xmpp:jingle:apps:grouping:0"
HDREXT = "urn:xmpp:jingle:apps:rtp:rtp-hdrext:0"
ICE_UDP = "urn:xmpp:jingle:transports:ice-udp:1"
JINGLE = "urn:xmpp:jingle:1"
JITMEET = "http://jitsi.org/jitmeet"
MUC = "http://jabber.org/protocol/muc"
MUC_ADMIN = "http://jabber.org/protocol/muc#admin"
MUC_USER = "http://jabber.org/protocol/muc#user"
NICK = "http://jabber.org/protocol/nick"
RTCP_FB = "urn:xmpp:jingle:apps:rtp:rtcp-fb:0"
RTP = "urn:xmpp:jingle:apps:rtp:1"
SSMA = "urn:xmpp:jingle:apps:rtp:ssma:0"
STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas"


def element(namespace: str, name: str, /, *children: Element, text: str | None = None, **attributes: object) -> Element:
    """An element; attributes that are `None` are left out, a trailing `_` of their names is dropped."""
    made = Element(f"{{{namespace}}}{name}")
    for key, value in attributes.items():
        if value is not None:
            made.set(key.rstrip("_"), str(value))
    made.text = text
    made.extend(children)
    return made


def local_name(tag: str) -> str:
    """A tag without its namespace."""
    return tag.rpartition("}")[2]


def excerpt(of: Element) -> str:
    """The start of an element's text, for a complaint."""
    return tostring(of, encoding="unicode")[:300]
