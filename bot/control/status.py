"""How picture and sound stand, as a value and in words."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from eyeline.processing.effects import Exposure, People
from eyeline.processing.outgoing_video import VideoState


class StatusReport(BaseModel):
    """How things stand; frozen.

    Args:
        background: What is behind the person, in words.
        gaze: As it is written in settings.
        room_shown: Whether the background leaves the room as it is.
        mirror: Whether left and right are changed.
        framing: As it is written in settings.
        exposure: What is done about a dark room.
        people: Who stays in the picture.
        light_wrap: How much of the background's light falls on the person's edge, 0 to 100.
        effects: All that is done to the picture, in words.
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
    gaze: str
    room_shown: bool
    mirror: bool
    framing: str
    exposure: Exposure
    people: People
    light_wrap: int
    effects: str
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
        return f"Camera by way of Eyeline; {self.effects}. {seen} {sound}{trouble}"
