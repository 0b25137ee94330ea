"""Who sends what: Jitsi's media sources, and the compact JSON in which jicofo lists them.

The JSON maps an owner to up to four lists, of which empty ones at the end may be missing::

    {"sources": {"abcd1234": [[VIDEO..], [VIDEO-GROUP..], [AUDIO..], [AUDIO-GROUP..]]}}

A source is `{"s": SSRC, "n": "abcd1234-v0", "m": "STREAM TRACK", "v": "d"}` (`v` for a desktop only). A group is
`["f", MAIN, RETRANSMISSION]` (FID, RFC 5576) or `["s", LOW, .., HIGH]` (simulcast). Retransmission SSRCs are listed
as sources of their own; here they belong to the source that they repair.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StrictInt,
    StrictStr,
    TypeAdapter,
    ValidationError,
)

from eyeline.integrations.errors import ProtocolError
from eyeline.integrations.events import MediaKind
from eyeline.integrations.jitsi.fields import first_problem, is_line
from eyeline.processing.rtc.outgoing_stream import StreamSsrcs

BRIDGE_OWNER = "jvb"
MAX_SSRC = 2**32 - 1


class VideoType(Enum):
    """What a video shows."""

    CAMERA = "camera"
    DESKTOP = "desktop"


@dataclass(frozen=True, slots=True)
class Source:
    """One stream of sound or picture.

    Args:
        owner: Endpoint id of who sends it; `jvb` for the bridge's own placeholders.
        name: Unique in the meeting: `abcd1234-v0`. May be empty.
        ssrc: Of the media; the lowest layer under simulcast.
        rtx_ssrc: Of retransmissions (RFC 4588), if any.
        kind: Sound or picture.
        msid: Stream and track id (RFC 8830); may be empty.
        video_type: `None` for sound, or when the other side did not say.
        upper_layers: Of simulcast, those above the lowest, from low to high. The bridge keeps them to itself, so those
            of others are never known.
    """

    owner: str
    name: str
    ssrc: int
    rtx_ssrc: int | None
    kind: MediaKind
    msid: str = ""
    video_type: VideoType | None = None
    upper_layers: tuple[StreamSsrcs, ...] = ()

    @property
    def is_placeholder(self) -> bool:
        """Whether this is the bridge's own source, which carries probing only and belongs to nobody."""
        return self.owner == BRIDGE_OWNER


@dataclass(frozen=True, slots=True)
class SsrcGroup:
    """SSRCs that belong together (RFC 5576): `FID` or `SIM`."""

    semantics: str
    ssrcs: tuple[int, ...]


def combine(streams: Iterable[Source], groups: Sequence[SsrcGroup]) -> tuple[Source, ...]:
    """Fold single SSRCs into sources: retransmissions into what they repair, simulcast into its lowest layer."""
    repairs = {group.ssrcs[0]: group.ssrcs[1] for group in groups if group.semantics == "FID" and len(group.ssrcs) == 2}
    upper = {ssrc for group in groups if group.semantics == "SIM" for ssrc in group.ssrcs[1:]}
    hidden = set(repairs.values()) | upper
    return tuple(replace(each, rtx_ssrc=repairs.get(each.ssrc)) for each in streams if each.ssrc not in hidden)


def _one_line(text: str) -> str:
    if not is_line(text):
        raise ValueError("not one line of text")
    return text


_Line = Annotated[StrictStr, AfterValidator(_one_line)]
_Ssrc = Annotated[StrictInt, Field(ge=0, le=MAX_SSRC)]
_SEMANTICS = {"f": "FID", "s": "SIM"}
_VIDEO_TYPES: Mapping[str | None, VideoType] = {"c": VideoType.CAMERA, "d": VideoType.DESKTOP}


_SSRCS: TypeAdapter[tuple[int, ...]] = TypeAdapter(tuple[_Ssrc, ...])


def _group(value: object) -> SsrcGroup:
    match value:
        case ["f" | "s" as letter, *ssrcs]:
            return SsrcGroup(_SEMANTICS[letter], _SSRCS.validate_python(ssrcs))
    raise ValueError("not a group of SSRCs")


_Group = Annotated[SsrcGroup, PlainValidator(_group)]


class _StreamJson(BaseModel):
    model_config = ConfigDict(extra="ignore")

    s: _Ssrc
    n: _Line = ""
    m: _Line = ""
    v: _Line | None = None

    def as_source(self, owner: str, kind: MediaKind) -> Source:
        video_type = _VIDEO_TYPES.get(self.v) if kind is MediaKind.VIDEO else None
        return Source(owner, self.n, self.s, None, kind, self.m, video_type)


def _four(lists: object) -> object:
    """Empty lists at the end may be missing; lists that only a newer server knows are left out."""
    return [*lists, *([[]] * 4)][:4] if isinstance(lists, list) else lists


_Owned = Annotated[
    tuple[list[_StreamJson], list[_Group], list[_StreamJson], list[_Group]],
    BeforeValidator(_four),
]


class _SourcesJson(BaseModel):
    model_config = ConfigDict(extra="ignore")

    sources: dict[_Line, _Owned]


def parse_sources(text: str) -> tuple[Source, ...]:
    """Read the compact JSON, placeholders included.

    Raises:
        ProtocolError: It is not of that form.
    """
    try:
        document = _SourcesJson.model_validate_json(text)
    except ValidationError as error:
        raise ProtocolError(f"The server sent malformed sources: {first_problem(error)}.") from error
    found: list[Source] = []
    for owner, (video, video_groups, audio, audio_groups) in document.sources.items():
        found += _of_kind(owner, MediaKind.VIDEO, video, video_groups)
        found += _of_kind(owner, MediaKind.AUDIO, audio, audio_groups)
    return tuple(found)


def _of_kind(
    owner: str, kind: MediaKind, streams: Iterable[_StreamJson], groups: Sequence[SsrcGroup]
) -> tuple[Source, ...]:
    return combine(
        [stream.as_source(owner, kind) for stream in streams],
        groups,
    )


def dump_sources(sources: Iterable[Source]) -> str:
    """Write the compact JSON, as short as jicofo does."""
    owners: dict[str, list[list[object]]] = {}
    for source in sources:
        streams, groups = {MediaKind.VIDEO: (0, 1), MediaKind.AUDIO: (2, 3)}[source.kind]
        lists = owners.setdefault(source.owner, [[], [], [], []])
        lists[streams].append(_stream_json(source, source.ssrc))
        if source.rtx_ssrc is not None:
            lists[streams].append(_stream_json(source, source.rtx_ssrc))
            lists[groups].append(["f", source.ssrc, source.rtx_ssrc])
    for lists in owners.values():
        while lists and not lists[-1]:
            lists.pop()
    return json.dumps({"sources": owners}, separators=(",", ":"))


def _stream_json(source: Source, ssrc: int) -> dict[str, object]:
    document: dict[str, object] = {"s": ssrc}
    if source.name:
        document["n"] = source.name
    if source.msid:
        document["m"] = source.msid
    if source.video_type is VideoType.DESKTOP:
        document["v"] = "d"
    return document
