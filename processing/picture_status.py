"""How the picture is doing, besides the time that it takes."""

from __future__ import annotations

from dataclasses import dataclass

from eyeline.processing.gaze.status import NO_GAZE, GazeStatus
from eyeline.processing.sight import Sight
from eyeline.processing.tiers import Tier


@dataclass(frozen=True, slots=True)
class PictureStatus:
    """Of the newest frame.

    Args:
        tier: How much work masks are worth.
        why: Why it is that tier, in plain words; empty before the first frame.
        sight: What the camera shows.
        gaze: What is done to the eyes.
    """

    tier: Tier = Tier.CLOSE
    why: str = ""
    sight: Sight = Sight.NOT_LOOKED
    gaze: GazeStatus = NO_GAZE
