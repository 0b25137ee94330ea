"""Sources written as XML (XEP-0339), as clients send them and as jicofo sends them to clients without JSON."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement

from eyeline.integrations.events import MediaKind
from eyeline.integrations.jitsi import ns
from eyeline.integrations.jitsi.fields import line, number
from eyeline.integrations.jitsi.sources import MAX_SSRC, Source, SsrcGroup, VideoType, combine

_SOURCE = ns.qname(ns.SSMA, "source")
_GROUP = ns.qname(ns.SSMA, "ssrc-group")
_PARAMETER = ns.qname(ns.SSMA, "parameter")
_OWNER = ns.qname(ns.JITMEET, "ssrc-info")
_VIDEO_TYPES = {each.value: each for each in VideoType}


def parse_ssma(description: Element, kind: MediaKind) -> tuple[Source, ...]:
    """Read the sources of one RTP description.

    Raises:
        ProtocolError: An SSRC is missing or malformed.
    """
    streams = [_stream(element, kind) for element in description.iterfind(_SOURCE)]
    groups = [
        SsrcGroup(line(element, "semantics"), tuple(_ssrc(each) for each in element.iterfind(_SOURCE)))
        for element in description.iterfind(_GROUP)
    ]
    return combine(streams, groups)


def _stream(element: Element, kind: MediaKind) -> Source:
    name = line(element, "name", "")
    video_type = _VIDEO_TYPES.get(element.get("videoType", "")) if kind is MediaKind.VIDEO else None
    return Source(_owner(element, name), name, _ssrc(element), None, kind, _msid(element), video_type)


def _ssrc(element: Element) -> int:
    return number(element, "ssrc", MAX_SSRC)


def _owner(element: Element, name: str) -> str:
    """The endpoint id: jicofo says it as an address in the room; a client's own sources only by their names."""
    info = element.find(_OWNER)
    if info is None:
        return name.rpartition("-")[0]
    address = line(info, "owner")
    return address.partition("/")[2] or address


def _msid(element: Element) -> str:
    parameters = (each for each in element.iterfind(_PARAMETER) if each.get("name") == "msid")
    return next((line(each, "value") for each in parameters), "")


def append_ssma(description: Element, sources: Iterable[Source]) -> None:
    """Write sources into an RTP description: every SSRC first, then the groups. One group shares one msid.

    The order of a `SIM` group says which layer is which: from low to high.
    """
    groups: list[Element] = []
    for source in sources:
        pairs = [(source.ssrc, source.rtx_ssrc), *((each.ssrc, each.rtx_ssrc) for each in source.upper_layers)]
        description.extend(_element(source, ssrc) for pair in pairs for ssrc in pair if ssrc is not None)
        if len(pairs) > 1:
            groups.append(_group_element("SIM", [ssrc for ssrc, _ in pairs]))
        groups.extend(_group_element("FID", [ssrc, rtx]) for ssrc, rtx in pairs if rtx is not None)
    description.extend(groups)


def _element(source: Source, ssrc: int) -> Element:
    element = Element(_SOURCE, {"ssrc": str(ssrc), "name": source.name})
    if source.video_type is not None:
        element.set("videoType", source.video_type.value)
    SubElement(element, _PARAMETER, {"name": "msid", "value": source.msid})
    return element


def _group_element(semantics: str, ssrcs: Iterable[int]) -> Element:
    group = Element(_GROUP, {"semantics": semantics})
    for ssrc in ssrcs:
        SubElement(group, _SOURCE, {"ssrc": str(ssrc)})
    return group
