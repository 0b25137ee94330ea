"""What a Jingle content says about RTP: formats, feedback, header extensions (XEP-0167, 0293, 0294)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self
from xml.etree.ElementTree import Element, SubElement

from eyeline.integrations.errors import ProtocolError
from eyeline.integrations.events import MediaKind
from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.fields import line, number, token

_MAX_CLOCK_HZ = 10_000_000
DESCRIPTION = ns.qname(ns.RTP, "description")
_PAYLOAD_TYPE = ns.qname(ns.RTP, "payload-type")
_PARAMETER = ns.qname(ns.RTP, "parameter")
_RTCP_MUX = ns.qname(ns.RTP, "rtcp-mux")
_RTCP_FB = ns.qname(ns.RTCP_FB, "rtcp-fb")
_HDREXT = ns.qname(ns.RTP_HDREXT, "rtp-hdrext")
_KINDS = {each.value: each for each in MediaKind}


@dataclass(frozen=True, slots=True)
class Feedback:
    """One kind of RTCP feedback (RFC 4585): `nack`, `nack pli`, `goog-remb`."""

    type: str
    subtype: str = ""


@dataclass(frozen=True, slots=True)
class PayloadType:
    """One format of a stream.

    Args:
        id: RTP payload type, 0 to 127.
        name: `VP8`, `opus`, `rtx`.
        clock_rate_hz: Of RTP timestamps.
        channels: 1 unless sound says otherwise.
        parameters: In order, as they stand; a value may hold several parameters with semicolons (see `fmtp`).
        feedback: What the receiver may send.
    """

    id: int
    name: str
    clock_rate_hz: int
    channels: int = 1
    parameters: tuple[tuple[str, str], ...] = ()
    feedback: tuple[Feedback, ...] = ()

    @property
    def fmtp(self) -> dict[str, str]:
        """The parameters one by one.

        jicofo writes all of H264's into one: `profile-level-id` = `42e01f;level-asymmetry-allowed=1;...;`.
        """
        joined = ";".join(f"{name}={value}" for name, value in self.parameters)
        pairs = (part.partition("=") for part in joined.split(";"))
        return {name.strip(): value.strip() for name, _, value in pairs if name.strip()}

    @property
    def repairs(self) -> int | None:
        """The payload type that this one retransmits (RFC 4588), or `None`."""
        apt = self.fmtp.get("apt", "")
        return int(apt) if self.name.lower() == "rtx" and apt.isascii() and apt.isdigit() and len(apt) <= 3 else None

    @classmethod
    def parse(cls, element: Element) -> Self:
        """Read `<payload-type/>`.

        Raises:
            ProtocolError: An attribute is missing or malformed.
        """
        return cls(
            id=number(element, "id", 127),
            name=token(element, "name"),
            clock_rate_hz=number(element, "clockrate", _MAX_CLOCK_HZ),
            channels=number(element, "channels", 255, 1),
            parameters=tuple(
                (line(each, "name", ""), line(each, "value", "")) for each in element.iterfind(_PARAMETER)
            ),
            feedback=tuple(
                Feedback(token(each, "type"), token(each, "subtype", "")) for each in element.iterfind(_RTCP_FB)
            ),
        )

    def to_element(self) -> Element:
        """Write `<payload-type/>`."""
        attributes = {"id": str(self.id), "name": self.name, "clockrate": str(self.clock_rate_hz)}
        element = Element(_PAYLOAD_TYPE, attributes | {"channels": str(self.channels)})
        for name, value in self.parameters:
            SubElement(element, _PARAMETER, {"name": name, "value": value})
        for feedback in self.feedback:
            subtype = {"subtype": feedback.subtype} if feedback.subtype else {}
            SubElement(element, _RTCP_FB, {"type": feedback.type} | subtype)
        return element


@dataclass(frozen=True, slots=True)
class HeaderExtension:
    """An RTP header extension (RFC 8285) and its number in this session."""

    id: int
    uri: str


@dataclass(frozen=True, slots=True)
class RtpDescription:
    """The media of one content, without its sources."""

    kind: MediaKind
    payload_types: tuple[PayloadType, ...]
    header_extensions: tuple[HeaderExtension, ...]

    @classmethod
    def parse(cls, element: Element) -> Self:
        """Read `<description/>`.

        Raises:
            ProtocolError: It is neither sound nor picture, or anything inside is malformed.
        """
        kind = _KINDS.get(token(element, "media"))
        if kind is None:
            raise ProtocolError(f"The server offered media of an unknown kind: {element.get('media', '')[:80]!r}.")
        return cls(
            kind,
            tuple(PayloadType.parse(each) for each in element.iterfind(_PAYLOAD_TYPE)),
            tuple(HeaderExtension(number(each, "id", 255), token(each, "uri")) for each in element.iterfind(_HDREXT)),
        )

    def to_element(self) -> Element:
        """Write `<description/>`."""
        element = Element(DESCRIPTION, {"media": self.kind.value})
        element.extend(each.to_element() for each in self.payload_types)
        for extension in self.header_extensions:
            SubElement(element, _HDREXT, {"id": str(extension.id), "uri": extension.uri})
        SubElement(element, _RTCP_MUX)
        return element
