"""What a video sender sends at the moment, and what keeps it from sending more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum


class StepLimit(Enum):
    """Why no more is sent; where several are to blame, the strictest."""

    NOTHING = "nothing"
    WANTED = "wanted"
    BANDWIDTH = "bandwidth"
    CPU = "cpu"


@dataclass(frozen=True, slots=True)
class VideoStep:
    """A step of the ladder.

    Args:
        heights_px: Of the pictures that are sent side by side, lowest first; empty while nothing is.
        limit: What keeps them from being more or taller.
    """

    heights_px: tuple[int, ...]
    limit: StepLimit


OnStep = Callable[[VideoStep], None]
