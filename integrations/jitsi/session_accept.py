"""Our answer to an offer, and its XML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self
from xml.etree.ElementTree import Element

from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.content import Content, bundle_element, parse_contents
from eyeline.integrations.jitsi.data_content import DataContent
from eyeline.integrations.jitsi.fields import line, token


@dataclass(frozen=True, slots=True)
class SessionAccept:
    """An answer.

    Args:
        sid: As in the offer.
        initiator: As in the offer.
        responder: Address of who answers; may be empty.
        contents: With the sources and the transport of who answers.
        data: The data channel, where it was offered.
    """

    sid: str
    initiator: str
    responder: str
    contents: tuple[Content, ...]
    data: DataContent | None = None

    @classmethod
    def parse(cls, jingle: Element) -> Self:
        """Read an answer.

        Raises:
            ProtocolError: It is malformed.
        """
        return cls(
            token(jingle, "sid"),
            line(jingle, "initiator", ""),
            line(jingle, "responder", ""),
            parse_contents(jingle),
            DataContent.find(jingle),
        )

    def to_element(self) -> Element:
        """Write `<jingle action='session-accept'/>` with all contents in one bundle."""
        jingle = Element(ns.qname(ns.JINGLE, "jingle"), {"action": "session-accept", "sid": self.sid})
        for name, address in (("initiator", self.initiator), ("responder", self.responder)):
            if address:
                jingle.set(name, address)
        transport = next((content.transport for content in self.contents if content.transport), None)
        data = self.data if transport else None
        jingle.append(bundle_element([*(each.name for each in self.contents), *([data.name] if data else [])]))
        jingle.extend(content.to_element("responder") for content in self.contents)
        if data and transport:
            jingle.append(data.to_element("responder", transport))
        return jingle
