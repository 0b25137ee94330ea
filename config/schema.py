"""Every setting: its name, its type and what is allowed. Defaults are in `default.toml`, and only there.

The description of a field is what an error message says is allowed.
"""

from __future__ import annotations

import functools
import ipaddress
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr


def _none_if_empty(value: object) -> object:
    return None if value == "" else value


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _loopback(host: str) -> str:
    if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
        raise ValueError("not a loopback address")
    return host


def _bearer(token: SecretStr | None) -> SecretStr | None:
    if token is not None and not re.fullmatch(r"[\w.~+/-]{16,}=*", token.get_secret_value(), re.ASCII):
        raise ValueError("not a bearer token of 16 characters or more (RFC 6750, section 2.1)")
    return token


_LINE = r"^[^\x00-\x1f\x7f]*$"
_FILLED_LINE = r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$"

SidePx = Annotated[int, Field(ge=160, le=3840, multiple_of=2, description="an even number from 160 to 3840")]
FilledLine = Annotated[str, Field(pattern=_FILLED_LINE, max_length=1024, description="a line of text, not empty")]
LeaveAt = Annotated[
    str,
    Field(
        pattern=r"^(([01]\d|2[0-3]):[0-5]\d|\d{4}-\d\d-\d\d[T ]([01]\d|2[0-3]):[0-5]\d)?$",
        description='a time of day such as 18:30, a date and time such as 2030-01-31T18:30, or "" for never',
    ),
]
XmppAddress = Annotated[
    str,
    Field(pattern=r"^[^\s/:]*$", max_length=1023, description='an XMPP address without a resource, or "" to find it'),
]
MeetingName = Annotated[
    str, Field(pattern=_FILLED_LINE, max_length=80, description="a name of 1 to 80 characters on one line")
]
MeetingNotice = Annotated[
    str,
    Field(pattern=_LINE, max_length=500, description='one line of up to 500 characters, or "" to say nothing'),
]
OptionalPath = Annotated[Path | None, BeforeValidator(_none_if_empty)]
OptionalSecret = Annotated[SecretStr | None, BeforeValidator(_none_if_empty)]


class Group(BaseModel):
    """A table of settings: frozen, and without room for unknown ones."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class VideoSettings(Group):
    """The picture."""

    source: FilledLine
    width_px: SidePx
    height_px: SidePx
    fps: int = Field(ge=1, le=60, description="a whole number from 1 to 60")
    worker: Literal["process", "thread"] = Field(description="process or thread")
    tier: Literal["auto", "close", "close-half", "finder", "finder-half"] = Field(
        description="auto, close, close-half, finder or finder-half"
    )
    simulcast: Literal["auto", "on", "off"] = Field(description="auto, on or off")
    runtime: Literal["auto", "litert", "torch", "onnx"] = Field(description="auto, litert, torch or onnx")
    device: str = Field(
        pattern=r"^[a-z]+(:\d{1,2})?$", description="cpu, cuda, cuda:1, mps or another device that torch knows"
    )
    mask_model: OptionalPath = Field(description='a file of weights (only_params.pth), or ""')
    gaze_warper: Literal["geometric", "learned"] = Field(description="geometric or learned")
    worker_memory_mb: int = Field(ge=300, le=1_000_000, description="a whole number from 300 up")


class AudioSettings(Group):
    """The sound."""

    source: FilledLine


class EffectsSettings(Group):
    """What is done to the picture."""

    background: FilledLine
    remember: bool = Field(description="true or false")
    mirror: bool = Field(description="true or false")
    framing: FilledLine
    exposure: Literal["off", "lift"] = Field(description="off or lift")
    people: Literal["everyone", "nearest"] = Field(description="everyone or nearest")
    light_wrap: int = Field(ge=0, le=100, description="a whole number from 0 to 100")
    url_backgrounds: bool = Field(description="true or false")
    gaze: str = Field(
        pattern=r"^(?i:off|(natural|teleprompter)(:(100|[0-9]{1,2}))?|100|[0-9]{1,2})$",
        description="off, natural, teleprompter, natural:0-100, teleprompter:0-100 or 0-100",
    )


class MeetingSettings(Group):
    """What is the same in every meeting."""

    name: MeetingName
    notice: MeetingNotice
    password: OptionalSecret = Field(None, description="the password of the room")
    password_file: OptionalPath = Field(description='a file with the password of the room, or ""')
    wait_min: float = Field(gt=0, le=1440, description="minutes, more than 0 and up to 1440")
    leave_when_alone_min: float = Field(ge=0, le=1440, description="minutes up to 1440, or 0 to stay")
    leave_at: LeaveAt


class ChatSettings(Group):
    """Commands by chat."""

    enabled: bool = Field(description="true or false")
    prefix: str = Field(
        pattern=r"^[^\w\s@\"'/]{1,3}$",
        description='one to three signs such as "!", but no letters, spaces, @, / or quotes',
    )
    cooldown_s: float = Field(ge=0, le=60, description="seconds from 0 to 60")


class ControlSettings(Group):
    """Steering, however it is done."""

    audit_file: OptionalPath = Field(description='a file, or "" for none')


class JitsiSettings(Group):
    """A Jitsi deployment, where it does not tell by itself."""

    domain: XmppAddress
    muc: XmppAddress
    focus: XmppAddress
    websocket: str = Field(pattern=r"^(wss?://\S+)?$", description='a URL with wss:// or ws://, or "" to find it')
    anonymous_domain: XmppAddress
    bosh: str = Field(pattern=r"^(https?://\S+)?$", description='a URL with https:// or http://, or "" to find it')
    conference_request_url: str = Field(
        pattern=r"^(https?://\S+)?$", description='a URL with https:// or http://, or "" to find it'
    )
    relay_only: bool = Field(description="true or false")
    insecure: bool = Field(description="true or false")
    ca_file: OptionalPath = Field(description='a file of PEM certificates, or ""')
    token: OptionalSecret = Field(None, description="a JWT")
    token_file: OptionalPath = Field(description='a file with a JWT, or ""')
    username: str = Field(pattern=_LINE, max_length=1023, description='the user name of an account, or ""')
    password: OptionalSecret = Field(None, description="the password of that account")
    password_file: OptionalPath = Field(description='a file with the password of that account, or ""')


class ZoomSettings(Group):
    """What Zoom wants to know of us, and what it gets."""

    client_id: str = Field(
        pattern=r"^[A-Za-z0-9_.-]{0,128}$", description='the client id of an app on Zoom\'s marketplace, or ""'
    )
    client_secret: OptionalSecret = Field(None, description="the client secret of that app")
    client_secret_file: OptionalPath = Field(description='a file with the client secret of that app, or ""')
    jwt: OptionalSecret = Field(None, description="a token for Zoom's SDK (a JWT)")
    jwt_file: OptionalPath = Field(description='a file with a token for Zoom\'s SDK (a JWT), or ""')
    zak: OptionalSecret = Field(None, description="a ZAK: a key that joins as its user")
    zak_file: OptionalPath = Field(description='a file with a ZAK, or ""')
    on_behalf_token: OptionalSecret = Field(None, description="a token that joins on behalf of a user, once")
    on_behalf_token_file: OptionalPath = Field(description='a file with an on-behalf token, or ""')
    access_token: OptionalSecret = Field(None, description="an OAuth access token of a user")
    access_token_file: OptionalPath = Field(description='a file with an OAuth access token of a user, or ""')
    fetch: Literal["on-behalf", "zak"] = Field(description="on-behalf or zak")
    api_url: str = Field(
        pattern=r"^(https://[^\s?#@]+)?$", description='a URL with https://, or "" to go by the meeting'
    )
    max_height_px: SidePx


class ModelsSettings(Group):
    """Weights."""

    directory: OptionalPath = Field(description='a folder, or "" for the user\'s cache')
    offline: bool = Field(description="true or false")


class BackgroundsSettings(Group):
    """The gallery."""

    directory: OptionalPath = Field(description='a folder, or "" for the user\'s data folder')


class PreviewSettings(Group):
    """The preview page."""

    host: Annotated[str, AfterValidator(_loopback)] = Field(
        description="an address of this machine only, such as 127.0.0.1, ::1 or localhost"
    )
    port: int = Field(ge=0, le=65535, description="a port from 1 to 65535, or 0 for any free one")


class VirtualCameraSettings(Group):
    """The camera that other programs can choose."""

    device: str = Field(pattern=_LINE, max_length=256, description='a device, or "" for the first one')


class IngestSettings(Group):
    """The page that sends a camera to us, and the address that every other WebRTC sender uses."""

    host: Annotated[str, AfterValidator(_loopback)] = Field(
        description="an address of this machine only, such as 127.0.0.1, ::1 or localhost"
    )
    port: int = Field(ge=0, le=65535, description="a port from 1 to 65535, or 0 for any free one")
    token: Annotated[OptionalSecret, AfterValidator(_bearer)] = Field(
        None, description="16 or more letters, digits or any of - . _ ~ + / ="
    )
    token_file: OptionalPath = Field(description='a file with the token of senders, or "" for a new one in every run')


class ApiSettings(Group):
    """The REST interface, and where its client looks for it."""

    enabled: bool = Field(description="true or false")
    host: Annotated[str, AfterValidator(_loopback)] = Field(
        description="an address of this machine only, such as 127.0.0.1, ::1 or localhost"
    )
    port: int = Field(ge=0, le=65535, description="a port from 1 to 65535, or 0 for any free one")
    token: Annotated[OptionalSecret, AfterValidator(_bearer)] = Field(
        None, description="16 or more letters, digits or any of - . _ ~ + / ="
    )
    token_file: OptionalPath = Field(description='a file with the token of callers, or ""')


class LogSettings(Group):
    """What is logged."""

    level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_lower)] = Field(
        description="debug, info, warning or error"
    )


class Settings(Group):
    """All settings, validated and frozen."""

    video: VideoSettings
    audio: AudioSettings
    effects: EffectsSettings
    meeting: MeetingSettings
    chat: ChatSettings
    control: ControlSettings
    jitsi: JitsiSettings
    zoom: ZoomSettings
    models: ModelsSettings
    backgrounds: BackgroundsSettings
    preview: PreviewSettings
    virtual_camera: VirtualCameraSettings
    ingest: IngestSettings
    api: ApiSettings
    log: LogSettings


SECRET_KEYS = {
    "meeting.password": "meeting.password_file",
    "jitsi.token": "jitsi.token_file",
    "jitsi.password": "jitsi.password_file",
    "zoom.client_secret": "zoom.client_secret_file",
    "zoom.jwt": "zoom.jwt_file",
    "zoom.zak": "zoom.zak_file",
    "zoom.on_behalf_token": "zoom.on_behalf_token_file",
    "zoom.access_token": "zoom.access_token_file",
    "ingest.token": "ingest.token_file",
    "api.token": "api.token_file",
}
"""Settings that are secret, and the setting that names a file with the secret."""

PATH_KEYS = frozenset(
    {
        *SECRET_KEYS.values(),
        "backgrounds.directory",
        "control.audit_file",
        "jitsi.ca_file",
        "models.directory",
        "video.mask_model",
    }
)
"""Settings that are paths, so that relative ones can be taken from the right folder."""


@functools.cache
def fields() -> Mapping[str, str]:
    """Every setting by its dotted key, with what is allowed."""
    described = {}
    for group_name, group in Settings.model_fields.items():
        group_type = group.annotation
        if isinstance(group_type, type) and issubclass(group_type, BaseModel):
            for name, field in group_type.model_fields.items():
                described[f"{group_name}.{name}"] = field.description or ""
    return described
