"""Which part of the camera's picture is used.

As a person writes it::

    off | auto | crop:X,Y,W,H | auto:X,Y,W,H

X, Y, W, H are left, top, width and height in percent of the camera's picture.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from eyeline.processing.errors import EffectError

LEAST_PERCENT = 20


@dataclass(frozen=True, slots=True)
class Crop:
    """A part of the camera's picture, in percent of it; of what lies outside, nothing is ever seen.

    Raises:
        ValueError: It reaches out of the picture or is too small.
    """

    left: int
    top: int
    width: int
    height: int

    def __post_init__(self) -> None:
        inside = self.left >= 0 and self.top >= 0 and self.left + self.width <= 100 and self.top + self.height <= 100
        if not inside or min(self.width, self.height) < LEAST_PERCENT:
            raise ValueError(f"no part of a picture: {self}")

    def __str__(self) -> str:
        return f"{self.left},{self.top},{self.width},{self.height}"


@dataclass(frozen=True, slots=True)
class Framing:
    """How the picture is cut.

    Args:
        crop: All that may be seen; `None` for the camera's whole picture.
        follow: Whether, within that, the picture follows the person.
    """

    crop: Crop | None = None
    follow: bool = False

    def __str__(self) -> str:
        if self.crop is None:
            return "auto" if self.follow else "off"
        return f"{'auto' if self.follow else 'crop'}:{self.crop}"


WHOLE_PICTURE = Framing()
"""Nothing is cut off."""

_HINT = f"Use off, auto, or crop:X,Y,W,H or auto:X,Y,W,H in percent, at least {LEAST_PERCENT} wide and high."
_CROP = re.compile(r"(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3})", re.ASCII)


def parse_framing(text: str) -> Framing:
    """Parse framing as a person writes it.

    Raises:
        EffectError: The text is none of the forms above.
    """
    kind, _, argument = text.strip().lower().partition(":")
    if kind == "off" and not argument:
        return WHOLE_PICTURE
    if kind == "auto":
        return Framing(_crop(argument, text) if argument else None, follow=True)
    if kind == "crop":
        return Framing(_crop(argument, text))
    raise EffectError(f"Framing {text!r} is not known.", hint=_HINT)


def _crop(argument: str, text: str) -> Crop:
    match = _CROP.fullmatch(argument.replace(" ", ""))
    try:
        if match is not None:
            return Crop(*(int(part) for part in match.groups()))
    except ValueError:
        pass
    raise EffectError(f"Framing {text!r} is no part of a picture.", hint=_HINT)
