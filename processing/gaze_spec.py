"""What a person wants of their gaze, and how it is written.

::

    off | natural[:0-100] | teleprompter[:0-100] | 0-100
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from eyeline.processing.errors import EffectError
from eyeline.processing.gaze.calibration import UNCALIBRATED, Calibration

DEFAULT_GAZE_STRENGTH = 100


class GazeMode(Enum):
    """How the gaze is corrected."""

    OFF = "off"
    NATURAL = "natural"
    TELEPROMPTER = "teleprompter"


@dataclass(frozen=True, slots=True)
class Gaze:
    """How much of it.

    Args:
        mode: Natural turns the usual look at the screen into one at the camera, and lets one look away; teleprompter
            holds the look at the camera as far as eyes can be turned.
        strength: 0 to 100.
        calibration: Of the person and the camera.
    """

    mode: GazeMode = GazeMode.OFF
    strength: int = DEFAULT_GAZE_STRENGTH
    calibration: Calibration = UNCALIBRATED

    @property
    def works(self) -> bool:
        """Whether anything is to be done."""
        return self.mode is not GazeMode.OFF and self.strength > 0

    def __str__(self) -> str:
        return f"{self.mode.value}:{self.strength}" if self.works else "off"


UNTOUCHED = Gaze()
"""Eyes as they are."""


def parse_gaze(text: str) -> Gaze:
    """Parse what a person writes.

    Raises:
        EffectError: It is none of the forms above.
    """
    word, colon, strength = text.strip().lower().partition(":")
    if word.isascii() and word.isdigit() and not colon:
        return with_strength(_strength(word, text))
    try:
        mode = GazeMode(word)
    except ValueError:
        raise _unknown(text) from None
    return Gaze(mode, _strength(strength, text)) if colon else Gaze(mode)


def with_strength(strength: int, mode: GazeMode = GazeMode.NATURAL) -> Gaze:
    """A strength alone: 0 is off."""
    return Gaze(mode, strength) if strength else UNTOUCHED


def _strength(digits: str, text: str) -> int:
    if not digits.isascii() or not digits.isdigit() or int(digits) > 100:
        raise _unknown(text)
    return int(digits)


def _unknown(text: str) -> EffectError:
    return EffectError(f"Gaze {text!r} is not known.", hint="Use off, natural, teleprompter, natural:60 or 0-100.")
