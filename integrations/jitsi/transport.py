"""The transport of a Jingle session: ICE candidates and the DTLS fingerprint (XEP-0176, XEP-0320)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement

from eyeline.integrations.errors import ProtocolError
from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.fields import child, number, token

_MAX_U32 = 2**32 - 1
_MAX_PORT = 65535
TRANSPORT = ns.qname(ns.ICE_UDP, "transport")
_CANDIDATE = ns.qname(ns.ICE_UDP, "candidate")
_RTCP_MUX = ns.qname(ns.ICE_UDP, "rtcp-mux")
_FINGERPRINT = ns.qname(ns.DTLS, "fingerprint")
_WEB_SOCKET = ns.qname(ns.COLIBRI, "web-socket")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One address where media may arrive (RFC 8445, section 5.1).

    Args:
        foundation: Equal for candidates of one kind, base and server.
        component: 1 for RTP.
        protocol: `udp`; a bridge may also offer `tcp` or `ssltcp`.
        priority: The higher, the earlier it is tried.
        ip: An address, or a name that hides one.
        port: Of that protocol.
        type: `host`, `srflx`, `prflx` or `relay`.
        related_ip: What the address was derived from, or empty.
        related_port: As `related_ip`, or 0.
    """

    foundation: str
    component: int
    protocol: str
    priority: int
    ip: str
    port: int
    type: str
    related_ip: str = ""
    related_port: int = 0

    @classmethod
    def parse(cls, element: Element) -> Self:
        """Read `<candidate/>`.

        Raises:
            ProtocolError: An attribute is missing or malformed.
        """
        return cls(
            foundation=token(element, "foundation"),
            component=number(element, "component", 256),
            protocol=token(element, "protocol").lower(),
            priority=number(element, "priority", _MAX_U32),
            ip=token(element, "ip"),
            port=number(element, "port", _MAX_PORT),
            type=token(element, "type"),
            related_ip=token(element, "rel-addr", ""),
            related_port=number(element, "rel-port", _MAX_PORT, 0),
        )

    def to_element(self, identifier: str) -> Element:
        """Write `<candidate/>`."""
        attributes = {
            "foundation": self.foundation,
            "component": str(self.component),
            "protocol": self.protocol,
            "priority": str(self.priority),
            "ip": self.ip,
            "port": str(self.port),
            "type": self.type,
            "generation": "0",
            "network": "1",
            "id": identifier,
        }
        if self.related_ip:
            attributes |= {"rel-addr": self.related_ip, "rel-port": str(self.related_port)}
        return Element(_CANDIDATE, attributes)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What the other side's certificate must hash to (RFC 8122).

    Args:
        hash: `sha-256`.
        value: Upper-case hexadecimal bytes with colons.
        setup: `actpass` in an offer, `active` or `passive` in an answer.
    """

    hash: str
    value: str
    setup: str

    @classmethod
    def parse(cls, element: Element) -> Self:
        """Read `<fingerprint/>`.

        Raises:
            ProtocolError: The hash or its value is missing, or the role is none of RFC 4145.
        """
        value = (element.text or "").strip()
        setup = token(element, "setup", "actpass")
        if not value or any(each not in "0123456789abcdefABCDEF:" for each in value):
            raise ProtocolError(f"The server sent a malformed DTLS fingerprint: {value[:80]!r}.")
        if setup not in ("actpass", "active", "passive"):
            raise ProtocolError(f"The server sent an unknown DTLS role: {setup[:80]!r}.")
        return cls(token(element, "hash"), value, setup)

    def to_element(self) -> Element:
        """Write `<fingerprint/>`."""
        element = Element(_FINGERPRINT, {"hash": self.hash, "setup": self.setup})
        element.text = self.value
        return element


@dataclass(frozen=True, slots=True)
class Transport:
    """Where and how media flow; in one bundle every content has the same.

    Args:
        ufrag: ICE user name.
        pwd: ICE password.
        fingerprints: Empty only where candidates are sent later.
        candidates: Every one that is known.
        bridge_url: The bridge channel's WebSocket, with its password; `None` where there is none.
    """

    ufrag: str
    pwd: str
    fingerprints: tuple[Fingerprint, ...]
    candidates: tuple[Candidate, ...]
    bridge_url: str | None = None

    @classmethod
    def parse(cls, element: Element) -> Self:
        """Read `<transport/>`.

        Raises:
            ProtocolError: The credentials are missing, or anything inside is malformed.
        """
        web_socket = element.find(_WEB_SOCKET)
        return cls(
            ufrag=token(element, "ufrag"),
            pwd=token(element, "pwd"),
            fingerprints=tuple(Fingerprint.parse(each) for each in element.iterfind(_FINGERPRINT)),
            candidates=tuple(Candidate.parse(each) for each in element.iterfind(_CANDIDATE)),
            bridge_url=None if web_socket is None else _bridge_url(web_socket),
        )

    @classmethod
    def of(cls, parent: Element) -> Self:
        """Read the `<transport/>` inside an element.

        Raises:
            ProtocolError: There is none, or it is malformed.
        """
        return cls.parse(child(parent, TRANSPORT))

    def to_element(self) -> Element:
        """Write `<transport/>`."""
        element = Element(TRANSPORT, {"ufrag": self.ufrag, "pwd": self.pwd})
        element.extend(fingerprint.to_element() for fingerprint in self.fingerprints)
        SubElement(element, _RTCP_MUX)
        element.extend(candidate.to_element(f"c{index}") for index, candidate in enumerate(self.candidates))
        return element


def _bridge_url(element: Element) -> str:
    url = token(element, "url")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("ws", "wss") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ProtocolError("The server sent a bridge channel whose address is not one of a WebSocket.")
    return url
