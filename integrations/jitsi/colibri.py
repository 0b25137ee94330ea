"""What is said on the bridge channel: JSON objects told apart by `colibriClass`.

The bridge's own classes change from version to version, so what is not known is kept: unknown fields in the message,
unknown classes as `UnknownMessage`.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Discriminator, Field, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from eyeline.config.errors import UsageError
from eyeline.integrations.errors import ProtocolError
from eyeline.integrations.jitsi.fields import first_problem

MAX_MESSAGE_CHARS = 256 * 1024
MAX_PAYLOAD_BYTES = 64 * 1024


class _Model(BaseModel):
    model_config = ConfigDict(
        extra="allow", frozen=True, strict=True, alias_generator=to_camel, validate_by_name=True, validate_by_alias=True
    )


class ServerHello(_Model):
    """The bridge's first words."""

    colibri_class: Literal["ServerHello"] = "ServerHello"


class SenderSourceConstraints(_Model):
    """How tall a picture of one of our sources somebody has use for: 0 for none, negative for no limit."""

    colibri_class: Literal["SenderSourceConstraints"] = "SenderSourceConstraints"
    source_name: str
    max_height: int


class ForwardedSources(_Model):
    """The sources whose video the bridge sends us now, most important first."""

    colibri_class: Literal["ForwardedSources"] = "ForwardedSources"
    forwarded_sources: list[str]


class DominantSpeakerEndpointChangeEvent(_Model):
    """Who speaks."""

    colibri_class: Literal["DominantSpeakerEndpointChangeEvent"] = "DominantSpeakerEndpointChangeEvent"
    dominant_speaker_endpoint: str
    previous_speakers: list[str] = []
    silence: bool = False


class ConnectionStats(_Model):
    """What the bridge thinks of the way to us; bit/s."""

    colibri_class: Literal["ConnectionStats"] = "ConnectionStats"
    estimated_downlink_bandwidth: int | float


class EndpointStats(_Model):
    """What a member measures of itself; the details are its own."""

    colibri_class: Literal["EndpointStats"] = "EndpointStats"
    from_: str = Field(default="", alias="from")


class EndpointConnectivityStatusChangeEvent(_Model):
    """Whether the bridge hears from a member at all."""

    colibri_class: Literal["EndpointConnectivityStatusChangeEvent"] = "EndpointConnectivityStatusChangeEvent"
    endpoint: str
    active: Literal["true", "false"] | bool

    @property
    def is_active(self) -> bool:
        """The state, which is written as a text."""
        return self.active in (True, "true")


class EndpointMessage(_Model):
    """Anything from one member to another, or to all when `to` is empty."""

    colibri_class: Literal["EndpointMessage"] = "EndpointMessage"
    to: str = ""
    from_: str = Field(default="", alias="from")
    msg_payload: Any = None


class MappedSource(_Model):
    """Which SSRC carries a source when the bridge rewrites SSRCs."""

    source: str
    owner: str
    ssrc: int


class VideoSourcesMap(_Model):
    """Pictures under rewriting."""

    colibri_class: Literal["VideoSourcesMap"] = "VideoSourcesMap"
    mapped_sources: list[MappedSource]


class AudioSourcesMap(_Model):
    """Sound under rewriting."""

    colibri_class: Literal["AudioSourcesMap"] = "AudioSourcesMap"
    mapped_sources: list[MappedSource]


class VideoConstraints(_Model):
    """How tall a picture is wanted; negative for no limit."""

    max_height: int


class ReceiverVideoConstraints(_Model):
    """What we want to see. Until it is said, the bridge takes it that we want nothing.

    `last_n` limits how many sources come: 0 for none, -1 for all.
    """

    colibri_class: Literal["ReceiverVideoConstraints"] = "ReceiverVideoConstraints"
    last_n: int | None = None
    default_constraints: VideoConstraints | None = None
    constraints: dict[str, VideoConstraints] | None = None
    selected_sources: list[str] | None = None
    on_stage_sources: list[str] | None = None
    assumed_bandwidth_bps: int | None = None


class SourceVideoTypeMessage(_Model):
    """What one of our video sources shows; `none` while it is muted."""

    colibri_class: Literal["SourceVideoTypeMessage"] = "SourceVideoTypeMessage"
    source_name: str
    video_type: Literal["camera", "desktop", "desktop_high_fps", "none"]


class UnknownMessage(_Model):
    """A message of a class that we do not know, kept as it came."""

    colibri_class: str


KnownMessage = (
    ServerHello
    | SenderSourceConstraints
    | ForwardedSources
    | DominantSpeakerEndpointChangeEvent
    | ConnectionStats
    | EndpointStats
    | EndpointConnectivityStatusChangeEvent
    | EndpointMessage
    | VideoSourcesMap
    | AudioSourcesMap
    | ReceiverVideoConstraints
    | SourceVideoTypeMessage
)
BridgeMessage = KnownMessage | UnknownMessage

_KNOWN: TypeAdapter[KnownMessage] = TypeAdapter(Annotated[KnownMessage, Discriminator("colibri_class")])
_CLASSES = frozenset(each.__name__ for each in get_args(KnownMessage))


class _Envelope(BaseModel):
    model_config = ConfigDict(strict=True)

    colibriClass: str  # noqa: N815 (as on the wire)


def parse_message(text: str) -> BridgeMessage:
    """Read one frame of the bridge channel.

    Raises:
        ProtocolError: It is too large, no JSON object, or not as its class should be.
    """
    if len(text) > MAX_MESSAGE_CHARS:
        raise ProtocolError(f"The bridge sent a message of {len(text)} characters; {MAX_MESSAGE_CHARS} are allowed.")
    try:
        if _Envelope.model_validate_json(text).colibriClass in _CLASSES:
            return _KNOWN.validate_json(text, by_alias=True, by_name=False)
        return UnknownMessage.model_validate_json(text, by_alias=True, by_name=False)
    except ValidationError as error:
        raise ProtocolError(f"The bridge sent a malformed message: {first_problem(error)}.") from error


def check_payload(payload: object) -> None:
    """Make sure that an object can be sent to other members.

    Raises:
        UsageError: It is none that JSON can hold, or too large.
    """
    try:
        length = len(json.dumps(payload, allow_nan=False).encode())
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError(f"A message has to be made of what JSON can hold: {error}.") from error
    if length > MAX_PAYLOAD_BYTES:
        raise UsageError(f"A message has {length} bytes; {MAX_PAYLOAD_BYTES} are allowed.")


def dump_message(message: BridgeMessage) -> str:
    """Write one frame: what was set, and nothing else."""
    fields = message.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return json.dumps({"colibriClass": message.colibri_class} | fields, separators=(",", ":"))
