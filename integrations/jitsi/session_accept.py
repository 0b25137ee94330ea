"""Our answer to an offer, and its XML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self
from xml.etree.ElementTree import Element

from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.content import Content, bundle_element, parse_contents
from eyeline.integrations.jitsi.fields import line, token


@dataclass(frozen=True, slots=True)
class SessionAccept:
    """An answer.

    Args:
        sid: As in the offer.
        initiator: As in the offer.
        responder: Address of who answers; may be empty.
        contents: With the sources and the transport of who answers.
    """

    sid: str
    initiator: str
    responder: str
    contents: tuple[Content, ...]

    @classmethod
    def parse(cls, jingle: Element) -> Self:
        """Read an answer.

        Raises:
            ProtocolError: It is malformed.
        """
        return cls(
            token(jingle, "sid"), line(jingle, "initiator", ""), line(jingle, "responder", ""), parse_contents(jingle)
        )

    def to_element(self) -> Element:
        """Write `<jingle action='session-accept'/>` with all contents in one bundle."""
        jingle = Element(ns.qname(ns.JINGLE, "jingle"), {"action": "session-accept", "sid": self.sid})
        for name, address in (("initiator", self.initiator), ("responder", self.responder)):
            if address:
                jingle.set(name, address)
        jingle.append(bundle_element(self.contents))
        jingle.extend(content.to_element("responder") for content in self.contents)
        return jingle
