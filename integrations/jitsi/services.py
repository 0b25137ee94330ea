"""STUN and TURN servers that the deployment offers (XEP-0215)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from eyeline.integrations.jitsi import ns

_MAX_SERVERS = 16
# aiortc takes the first TURN server only, and UDP is the cheapest route that works.
_ORDER = {("stun", "udp"): 0, ("turn", "udp"): 1, ("turn", "tcp"): 2, ("turns", "tcp"): 3}
_DEFAULT_PORT = {"stun": 3478, "turn": 3478, "turns": 5349}


@dataclass(frozen=True, slots=True)
class IceServer:
    """One STUN or TURN server.

    Args:
        url: As `RTCIceServer` takes it: `turn:host:port?transport=udp`.
        username: Empty for STUN.
        credential: Empty for STUN; a secret, so it is not shown by `repr`.
    """

    url: str
    username: str = ""
    credential: str = field(default="", repr=False)


def services_query() -> Element:
    """The payload of the IQ that asks for the services."""
    return Element(ns.qname(ns.EXTDISCO, "services"))


def parse_services(reply: Element) -> tuple[IceServer, ...]:
    """Read a `<services/>` element: STUN first, then TURN by UDP, TCP, TLS. What cannot be used is left out."""
    offers = [offer for child in reply.iter(ns.qname(ns.EXTDISCO, "service")) if (offer := _offer(child))]
    return tuple(server for _, server in sorted(offers, key=lambda offer: offer[0])[:_MAX_SERVERS])


def _offer(service: Element) -> tuple[int, IceServer] | None:
    kind, host = service.get("type", ""), service.get("host", "")
    transport = service.get("transport") or ("tcp" if kind == "turns" else "udp")
    rank = _ORDER.get((kind, transport.lower()))
    port = _port(service.get("port", ""), _DEFAULT_PORT.get(kind, 0))
    if rank is None or port is None or not _is_host(host):
        return None
    address = f"{kind}:[{host}]:{port}" if ":" in host else f"{kind}:{host}:{port}"
    if kind == "stun":
        return rank, IceServer(address)
    url = f"{address}?transport={transport.lower()}"
    return rank, IceServer(url, service.get("username", ""), service.get("password", ""))


def _port(text: str, default: int) -> int | None:
    if not text:
        return default
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 5 and 0 < int(text) < 65536 else None


def _is_host(text: str) -> bool:
    return 0 < len(text) <= 255 and not _has(text, " /?#@[]\\\"'<>")


def _has(text: str, characters: Iterable[str]) -> bool:
    return any(character in text for character in characters)
