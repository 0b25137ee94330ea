"""Gates that open and close with patience, and the fade that follows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

FADE_S = 0.27
MAX_FADE_STEP = 0.12
"""However long a frame was away: nobody sees a jump."""


class Reason(Enum):
    """Why eyes are left as they are, in plain words."""

    NONE = ""
    OFF = "it is switched off"
    NO_FACE = "no face is in the picture"
    SMALL_FACE = "the face is too small"
    EDGE = "the face is at the edge of the picture"
    HEAD_TURNED = "the head is turned away"
    LOOKING_AWAY = "you look away"
    COVERED = "something is before the eyes"
    NOT_SEEN = "the eyes cannot be seen clearly"
    BLURRED = "the picture is blurred"
    GLARE = "glasses reflect the light"
    CLOSED = "the eyes are closed"
    FAILED = "the face tracker failed"


@dataclass
class Gate:
    """Closes above one bound and opens below a lower one.

    Args:
        opens_below: What is open stays so up to `closes_above`.
        closes_above: What is closed stays so down to `opens_below`.
    """

    opens_below: float
    closes_above: float
    closed: bool = field(default=False, init=False)

    def follow(self, value: float) -> bool:
        """Take the next value; whether the gate is closed."""
        self.closed = value > (self.opens_below if self.closed else self.closes_above)
        return self.closed


@dataclass
class Fade:
    """A share from 0 to 1 that goes to its goal in a straight line."""

    value: float = field(default=0.0, init=False)

    def follow(self, *, up: bool, passed_s: float) -> float:
        """Take a step; never more than `MAX_FADE_STEP`."""
        step = min(max(passed_s, 0.0) / FADE_S, MAX_FADE_STEP)
        self.value = min(1.0, self.value + step) if up else max(0.0, self.value - step)
        return self.value

    def cut(self) -> bool:
        """Be at 0 at once; whether that was a jump."""
        jumped, self.value = self.value > 0, 0.0
        return jumped
