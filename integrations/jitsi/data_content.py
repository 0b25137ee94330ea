"""The data channel of a session in Jingle (XEP-0343): a content that has an SCTP port and no media."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self
from xml.etree.ElementTree import Element, SubElement

from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.fields import number, token
from eyeline.integrations.jitsi.transport import TRANSPORT, Transport

_CONTENT = ns.qname(ns.JINGLE, "content")
_SCTP_MAP = ns.qname(ns.DTLS_SCTP, "sctpmap")
_PROTOCOL = "webrtc-datachannel"
_MAX_PORT = 65535


@dataclass(frozen=True, slots=True)
class DataContent:
    """An SCTP association over the DTLS that sound and picture use.

    Args:
        name: Becomes the mid of its line.
        sctp_port: The same on both sides.
    """

    name: str
    sctp_port: int

    @classmethod
    def find(cls, jingle: Element) -> Self | None:
        """The first content of a `<jingle/>` that is a data channel, or `None`.

        Raises:
            ProtocolError: It is malformed.
        """
        for content in jingle.iterfind(_CONTENT):
            sctp_map = content.find(f"{TRANSPORT}/{_SCTP_MAP}")
            if sctp_map is not None and sctp_map.get("protocol") == _PROTOCOL:
                return cls(token(content, "name"), number(sctp_map, "number", _MAX_PORT))
        return None

    def to_element(self, creator: str, transport: Transport) -> Element:
        """Write `<content/>`."""
        element = Element(_CONTENT, {"name": self.name, "creator": creator, "senders": "both"})
        written = transport.to_element()
        # jicofo's parser wants `streams`, of which WebRTC makes no use
        SubElement(written, _SCTP_MAP, {"number": str(self.sctp_port), "protocol": _PROTOCOL, "streams": "0"})
        element.append(written)
        return element
