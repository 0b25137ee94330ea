"""Every setting: its name, its type and what is allowed. Defaults are in `default.toml`, and only there.

The description of a field is what an error message says is allowed.
"""

from __future__ import annotations

import functools
import ipaddress
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


_LINE = r"^[^\x00-\x1f\x7f]*$"
_FILLED_LINE = r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$"

SidePx = Annotated[int, Field(ge=160, le=3840, multiple_of=2, description="an even number from 160 to 3840")]
FilledLine = Annotated[str, Field(pattern=_FILLED_LINE, max_length=1024, description="a line of text, not empty")]
XmppAddress = Annotated[
    str,
    Field(pattern=r"^[^\s/:]*$", max_length=1023, description='an XMPP address without a resource, or "" to find it'),
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


class AudioSettings(Group):
    """The sound."""

    source: FilledLine


class EffectsSettings(Group):
    """What is done to the picture."""

    background: FilledLine


class MeetingSettings(Group):
    """What is the same in every meeting."""

    name: str = Field(pattern=_FILLED_LINE, max_length=80, description="a name of 1 to 80 characters on one line")
    notice: str = Field(
        pattern=_LINE, max_length=500, description='one line of up to 500 characters, or "" to say nothing'
    )
    password: OptionalSecret = Field(None, description="the password of the room")
    password_file: OptionalPath = Field(description='a file with the password of the room, or ""')


class JitsiSettings(Group):
    """A Jitsi deployment, where it does not tell by itself."""

    domain: XmppAddress
    muc: XmppAddress
    focus: XmppAddress
    websocket: str = Field(pattern=r"^(wss?://\S+)?$", description='a URL with wss:// or ws://, or "" to find it')
    conference_request_url: str = Field(
        pattern=r"^(https?://\S+)?$", description='a URL with https:// or http://, or "" to find it'
    )
    ca_file: OptionalPath = Field(description='a file of PEM certificates, or ""')
    token: OptionalSecret = Field(None, description="a JWT")
    token_file: OptionalPath = Field(description='a file with a JWT, or ""')


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
    jitsi: JitsiSettings
    models: ModelsSettings
    backgrounds: BackgroundsSettings
    preview: PreviewSettings
    log: LogSettings


SECRET_KEYS = {"meeting.password": "meeting.password_file", "jitsi.token": "jitsi.token_file"}
"""Settings that are secret, and the setting that names a file with the secret."""

PATH_KEYS = frozenset({*SECRET_KEYS.values(), "jitsi.ca_file", "models.directory", "backgrounds.directory"})
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
