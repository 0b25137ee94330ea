"""How the gaze correction is doing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Activity(Enum):
    """What it does."""

    OFF = "off"
    ACTIVE = "active"
    FADING = "fading"
    IDLE = "idle"


@dataclass(frozen=True, slots=True)
class GazeStatus:
    """Of the newest frame.

    Args:
        activity: What the correction does.
        why: Why it does not correct, in plain words; empty while it does.
    """

    activity: Activity = Activity.OFF
    why: str = ""

    def __str__(self) -> str:
        return f"{self.activity.value} ({self.why})" if self.why else self.activity.value


NO_GAZE = GazeStatus()
