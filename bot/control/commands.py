"""Everything that somebody can ask of a running Eyeline: one vocabulary for chat, REST and command line.

A command is a frozen value, checked for form when it is made. Whether it is allowed and possible is decided by
`Control` alone. Its `kind` tells commands apart in JSON.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from eyeline.processing.effects import Exposure, People

MAX_SAY_CHARS = 400


class _Command(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


Percent = Annotated[int, Field(ge=1, le=100)]
Color = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
Name = Annotated[str, Field(min_length=1, max_length=64)]
BackgroundText = Annotated[
    str,
    Field(
        pattern=r"^(blur:([1-9][0-9]?|100)|color:#[0-9A-Fa-f]{6}|[\w-]{1,64})$",
        description="none, blur, blur:1-100, color:#rrggbb, or the name of a background",
    ),
]
FramingText = Annotated[
    str,
    Field(
        pattern=r"^(off|auto|(auto|crop):[0-9]{1,3},[0-9]{1,3},[0-9]{1,3},[0-9]{1,3})$",
        description="off, auto, crop:X,Y,W,H or auto:X,Y,W,H, in percent of the camera's picture",
    ),
]


class SetBackground(_Command):
    """Put a background of the gallery behind the person, by name or the beginning of one; never a path."""

    kind: Literal["background"] = "background"
    name: Name


class PickBackground(_Command):
    """Take a background by its number in the list, from 1."""

    kind: Literal["background_number"] = "background_number"
    number: int = Field(ge=1, le=1_000_000)


class StepBackground(_Command):
    """Take the next or the previous background of the list."""

    kind: Literal["background_step"] = "background_step"
    step: Literal[1, -1]


class ListBackgrounds(_Command):
    """Tell the names."""

    kind: Literal["background_list"] = "background_list"


class SetColor(_Command):
    """Put one colour behind the person."""

    kind: Literal["color"] = "color"
    color: Color


class SetBlur(_Command):
    """Blur the room; without a strength as it is by default."""

    kind: Literal["blur"] = "blur"
    strength: Percent | None = None


class ShowRoom(_Command):
    """Leave the room as it is: the one command that shows it."""

    kind: Literal["show_room"] = "show_room"


class Gaze(_Command):
    """Turn the eyes to the camera: a mode, a strength, or both; without either, as they were turned last."""

    kind: Literal["gaze"] = "gaze"
    strength: int | None = Field(None, ge=0, le=100)
    mode: Literal["off", "natural", "teleprompter"] | None = None


class Mirror(_Command):
    """Mirror the picture; `None` changes over."""

    kind: Literal["mirror"] = "mirror"
    on: bool | None = None


class Follow(_Command):
    """Follow the person with the picture; `None` changes over. What is cut off stays cut off."""

    kind: Literal["follow"] = "follow"
    on: bool | None = None


class Framing(_Command):
    """Use this part of the camera's picture, as it is written in settings."""

    kind: Literal["framing"] = "framing"
    framing: FramingText


class Lighting(_Command):
    """Make a person who sits in the dark brighter, or not; `None` changes over."""

    kind: Literal["exposure"] = "exposure"
    exposure: Exposure | None = None


class Company(_Command):
    """Leave everyone in the picture, or the nearest person alone; `None` changes over."""

    kind: Literal["people"] = "people"
    people: People | None = None


GazeText = Annotated[
    str,
    Field(
        pattern=r"^(off|(natural|teleprompter)(:(100|[1-9]?[0-9]))?|100|[1-9]?[0-9])$",
        description="off, natural, teleprompter, natural:0-100, teleprompter:0-100 or 0-100",
    ),
]


class EffectsPatch(_Command):
    """What to change in the picture, all of it or nothing; what is left out stays."""

    background: BackgroundText | None = None
    mirror: bool | None = None
    framing: FramingText | None = None
    exposure: Exposure | None = None
    people: People | None = None
    light_wrap: int | None = Field(None, ge=0, le=100, description="How much of the background's light, in percent")
    gaze: GazeText | None = None


class SetEffects(EffectsPatch):
    """Change several things of the picture at once, or none of them; what is left out stays."""

    kind: Literal["effects"] = "effects"


class WriteBackground(_Command):
    """Put any background behind the person, as it is written in settings; of files, streams and screens, too.

    For whoever sits at this machine: no other program and nobody in a meeting can make it.
    """

    kind: Literal["written_background"] = "written_background"
    text: str = Field(min_length=1, max_length=1024)


class FetchBackground(_Command):
    """Put a picture from the web behind the person; only where the settings allow it."""

    kind: Literal["web_background"] = "web_background"
    url: Annotated[str, Field(min_length=1, max_length=2000, repr=False)]


class Camera(_Command):
    """Take one camera by number, or `None` for whichever is looked at."""

    kind: Literal["camera"] = "camera"
    number: int | None = Field(None, ge=1, le=1000)


class Video(_Command):
    """Stop the camera, or go on; going on also ends a panic."""

    kind: Literal["video"] = "video"
    on: bool


class Microphone(_Command):
    """Mute the sound, or not."""

    kind: Literal["microphone"] = "microphone"
    on: bool


class Panic(_Command):
    """Show the card, now, until `Video(on=True)`."""

    kind: Literal["panic"] = "panic"


class Undo(_Command):
    """Take back the last change of the picture."""

    kind: Literal["undo"] = "undo"


class Status(_Command):
    """Tell what is done to picture and sound."""

    kind: Literal["status"] = "status"


class Say(_Command):
    """Say a line to the meeting."""

    kind: Literal["say"] = "say"
    text: str = Field(min_length=1, max_length=MAX_SAY_CHARS)


class Leave(_Command):
    """Leave the meeting."""

    kind: Literal["leave"] = "leave"


class Help(_Command):
    """Tell what can be asked for, or how one command is written."""

    kind: Literal["help"] = "help"
    topic: str = Field("", max_length=64)


class Claim(_Command):
    """Prove by the one-time code to be the person behind the camera."""

    kind: Literal["claim"] = "claim"
    code: str = Field(pattern=r"^([0-9]{6}|[0-9]{12})$", repr=False)


class Allow(_Command):
    """Let somebody else change the picture; a display name or an id of a participant."""

    kind: Literal["allow"] = "allow"
    who: Annotated[str, Field(min_length=1, max_length=100)]


class Deny(_Command):
    """Take that back, and listen to them no more."""

    kind: Literal["deny"] = "deny"
    who: Annotated[str, Field(min_length=1, max_length=100)]


BackgroundCommand = SetBackground | PickBackground | StepBackground | SetColor | SetBlur | ShowRoom
PictureCommand = Gaze | Mirror | Follow | Framing | Lighting | Company | SetEffects
MissingStage = Camera
WireCommand = (
    BackgroundCommand
    | FetchBackground
    | ListBackgrounds
    | PictureCommand
    | MissingStage
    | Video
    | Microphone
    | Panic
    | Undo
    | Status
    | Say
    | Leave
    | Help
    | Claim
    | Allow
    | Deny
)
Command = WireCommand | WriteBackground

COMMANDS: TypeAdapter[WireCommand] = TypeAdapter(Annotated[WireCommand, Field(discriminator="kind")])
"""Reads a command from JSON or a dictionary, and describes all of them as JSON Schema."""
