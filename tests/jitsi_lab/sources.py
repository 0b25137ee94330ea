"""Media sources as signalling names them: Jingle XML (XEP-0339) in, Jitsi's compact JSON out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from xml.etree.ElementTree import Element

from jitsi_lab import xml

GROUP_LETTERS = {"FID": "f", "SIM": "s"}


@dataclass(frozen=True, slots=True)
class Source:
    """One SSRC.

    Args:
        ssrc: RTP synchronisation source.
        name: Jitsi's name of the source that it belongs to, `ENDPOINT-v0`; empty when none was given.
        msid: Stream and track id; empty when none was given.
        kind: `audio` or `video`.
        video_type: `camera` or `desktop`; empty for sound.
    """

    ssrc: int
    name: str
    msid: str
    kind: str
    video_type: str = ""

    def to_compact(self) -> dict[str, Any]:
        """As in `json-message`."""
        compact: dict[str, Any] = {"s": self.ssrc, "n": self.name, "m": self.msid}
        return compact | ({"v": "d"} if self.video_type == "desktop" else {})


@dataclass(frozen=True, slots=True)
class Group:
    """SSRCs that belong together: `FID` (media, retransmission) or `SIM` (layers, lowest first)."""

    semantics: str
    ssrcs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SourceSet:
    """What one member sends."""

    sources: tuple[Source, ...] = ()
    groups: tuple[Group, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.sources)

    def __add__(self, other: SourceSet) -> SourceSet:
        return SourceSet(self.sources + other.sources, self.groups + other.groups)

    def without(self, ssrcs: Iterable[int]) -> SourceSet:
        """This set less some SSRCs and the groups that held one of them."""
        gone = set(ssrcs)
        return SourceSet(
            tuple(s for s in self.sources if s.ssrc not in gone),
            tuple(g for g in self.groups if gone.isdisjoint(g.ssrcs)),
        )

    @property
    def ssrcs(self) -> frozenset[int]:
        """All SSRCs."""
        return frozenset(source.ssrc for source in self.sources)

    def stripped(self) -> SourceSet:
        """What receivers are told: of simulcast only the lowest layer with its retransmission."""
        upper = {ssrc for group in self.groups if group.semantics == "SIM" for ssrc in group.ssrcs[1:]}
        upper |= {s for g in self.groups if g.semantics == "FID" and not upper.isdisjoint(g.ssrcs) for s in g.ssrcs}
        kept = self.without(upper)
        lowest = tuple(g for g in self.groups if g.semantics != "SIM" and upper.isdisjoint(g.ssrcs))
        return replace(kept, groups=lowest)

    def to_compact(self) -> list[list[Any]]:
        """`[video, video groups, audio]`, trailing empty lists left out."""
        lists: list[list[Any]] = [
            [s.to_compact() for s in self.sources if s.kind == "video"],
            [[GROUP_LETTERS.get(g.semantics, g.semantics), *g.ssrcs] for g in self.groups],
            [s.to_compact() for s in self.sources if s.kind == "audio"],
        ]
        while lists and not lists[-1]:
            lists.pop()
        return lists


def sources_in(jingle: Element) -> SourceSet:
    """The sources and groups of a Jingle element's contents.

    Raises:
        ValueError: An SSRC is not a number.
    """
    found = SourceSet()
    for description in jingle.iterfind(f"{{{xml.JINGLE}}}content/{{{xml.RTP}}}description"):
        kind = description.get("media", "")
        sources = tuple(_source(item, kind) for item in description.findall(f"{{{xml.SSMA}}}source"))
        groups = tuple(_group(item) for item in description.findall(f"{{{xml.SSMA}}}ssrc-group"))
        found += SourceSet(sources, groups)
    return found


def _source(item: Element, kind: str) -> Source:
    parameters = {p.get("name"): p.get("value", "") for p in item.findall(f"{{{xml.SSMA}}}parameter")}
    return Source(
        int(item.get("ssrc", "")),
        item.get("name", ""),
        parameters.get("msid", ""),
        kind,
        item.get("videoType", "camera") if kind == "video" else "",
    )


def _group(item: Element) -> Group:
    members = (int(member.get("ssrc", "")) for member in item.findall(f"{{{xml.SSMA}}}source"))
    return Group(item.get("semantics", ""), tuple(members))
