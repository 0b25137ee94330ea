"""What is done to picture and sound, as a value and in words."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from eyeline.processing.effects import (
    BackgroundSpec,
    BlurBackground,
    ColorBackground,
    EffectState,
    FileBackground,
    GalleryBackground,
    GradientBackground,
    NoBackground,
    ScreenBackground,
    StreamBackground,
)
from eyeline.processing.outgoing_video import VideoState
from eyeline.processing.picture import shows_room


class StatusReport(BaseModel):
    """How things stand; frozen.

    Args:
        background: As it is written in settings.
        room_shown: Whether the background leaves the room as it is.
        showing: What others see now: the live picture or the card.
        panic: Whether the card is shown because somebody said so.
        video: Whether the camera is meant to be on.
        microphone: Whether sound is sent.
        size_px: Width and height of what is on air.
        in_meeting: Whether we are in a meeting.
        trouble: Why the background does not show what it should; empty while it does. Not for everybody's eyes.
    """

    model_config = ConfigDict(frozen=True)

    background: str
    room_shown: bool
    showing: VideoState
    panic: bool
    video: bool
    microphone: bool
    size_px: tuple[int, int]
    in_meeting: bool
    trouble: str

    def words(self) -> str:
        """One line for people; it also tells others what is changed in the picture."""
        width_px, height_px = self.size_px
        if self.panic:
            seen = "The card is shown (panic)."
        elif not self.video:
            seen = "The video is off."
        elif self.showing is VideoState.LIVE:
            seen = f"On air at {width_px}x{height_px}."
        else:
            seen = "The card is shown."
        sound = "Sound is sent." if self.microphone else "No sound is sent."
        trouble = " The background does not show what it should." if self.trouble else ""
        return f"Camera by way of Eyeline; background: {self.background}. {seen} {sound}{trouble}"


def background_words(background: BackgroundSpec) -> str:
    """A background for people; never a path of this machine."""
    match background:
        case NoBackground():
            return "none, the room is shown"
        case BlurBackground(strength):
            return f"the room, blurred ({strength} of 100)"
        case ColorBackground():
            return f"colour {str(background).removeprefix('color:')}"
        case GalleryBackground(name):
            return name
        case GradientBackground(colors):
            return f"a gradient of {len(colors)} colours"
        case FileBackground():
            return "a file"
        case StreamBackground():
            return "a live stream"
        case ScreenBackground():
            return "a screen"


def shown_background(effects: EffectState) -> tuple[str, bool]:
    """Words for a background, and whether it shows the room."""
    return background_words(effects.background), shows_room(effects)
