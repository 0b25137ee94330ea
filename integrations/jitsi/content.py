"""The contents of a Jingle session: sound and picture, and how they are bundled (XEP-0166, XEP-0338)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self
from xml.etree.ElementTree import Element, SubElement

from eyeline.integrations.errors import ProtocolError
from eyeline.integrations.events import MediaKind
from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.fields import token
from eyeline.integrations.jitsi.rtp_description import DESCRIPTION, RtpDescription
from eyeline.integrations.jitsi.sources import Source
from eyeline.integrations.jitsi.ssma import append_ssma, parse_ssma
from eyeline.integrations.jitsi.transport import TRANSPORT, Transport

_CONTENT = ns.qname(ns.JINGLE, "content")
_GROUP = ns.qname(ns.GROUPING, "group")
_GROUP_CONTENT = ns.qname(ns.GROUPING, "content")


@dataclass(frozen=True, slots=True)
class Content:
    """Sound or picture of a session.

    Args:
        name: Becomes the mid of its line.
        description: Formats.
        sources: Those that are written in it as XML.
        transport: `None` where it is left out.
    """

    name: str
    description: RtpDescription
    sources: tuple[Source, ...] = ()
    transport: Transport | None = None

    @property
    def kind(self) -> MediaKind:
        """Sound or picture."""
        return self.description.kind

    @classmethod
    def parse(cls, element: Element) -> Self | None:
        """Read `<content/>`; `None` when it is not RTP, as a data channel (jicofo writes `media='application'`).

        Raises:
            ProtocolError: It is malformed.
        """
        name = token(element, "name")
        description = element.find(DESCRIPTION)
        if description is None or description.get("media") == "application":
            return None
        rtp = RtpDescription.parse(description)
        transport = element.find(TRANSPORT)
        return cls(
            name,
            rtp,
            parse_ssma(description, rtp.kind),
            None if transport is None else Transport.parse(transport),
        )

    def to_element(self, creator: str) -> Element:
        """Write `<content/>`."""
        element = Element(_CONTENT, {"name": self.name, "creator": creator, "senders": "both"})
        description = self.description.to_element()
        append_ssma(description, self.sources)
        element.append(description)
        if self.transport is not None:
            element.append(self.transport.to_element())
        return element


def parse_contents(jingle: Element) -> tuple[Content, ...]:
    """Read the sound and picture of a `<jingle/>`, in order; what is not RTP is left out.

    Raises:
        ProtocolError: One is malformed, or two have one name.
    """
    parsed = (Content.parse(each) for each in jingle.iterfind(_CONTENT))
    contents = tuple(each for each in parsed if each is not None)
    if len({each.name for each in contents}) < len(contents):
        raise ProtocolError("The server sent two contents of one name.")
    return contents


def parse_bundle(jingle: Element) -> tuple[str, ...]:
    """The names of the contents that share one transport.

    Raises:
        ProtocolError: A name is missing.
    """
    groups = (each for each in jingle.iterfind(_GROUP) if each.get("semantics") == "BUNDLE")
    return tuple(token(each, "name") for group in groups for each in group.iterfind(_GROUP_CONTENT))


def bundle_element(names: Iterable[str]) -> Element:
    """Write the `<group/>` that bundles contents of these names."""
    group = Element(_GROUP, {"semantics": "BUNDLE"})
    for name in names:
        SubElement(group, _GROUP_CONTENT, {"name": name})
    return group
