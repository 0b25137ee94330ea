"""What a person wants done to the picture: frozen values, swapped whole.

A background is written as text at the edges (command line, settings, chat) and parsed once, here::

    none | blur[:0-100] | color:#rrggbb | FILE | GALLERY-NAME
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from eyeline.config.paths import whole_path
from eyeline.processing.errors import BackgroundError

DEFAULT_BLUR_STRENGTH = 60


@dataclass(frozen=True, slots=True)
class NoBackground:
    """The room stays: the one choice that shows it, and only ever made by the person."""

    def __str__(self) -> str:
        return "none"


@dataclass(frozen=True, slots=True)
class BlurBackground:
    """The room, blurred.

    Args:
        strength: 0 (no blur) to 100 (shapes cannot be told).
    """

    strength: int = DEFAULT_BLUR_STRENGTH

    def __str__(self) -> str:
        return f"blur:{self.strength}"


@dataclass(frozen=True, slots=True)
class ColorBackground:
    """One colour, 0..255 each."""

    red: int
    green: int
    blue: int

    def __str__(self) -> str:
        return f"color:#{self.red:02x}{self.green:02x}{self.blue:02x}"


@dataclass(frozen=True, slots=True)
class FileBackground:
    """A picture or a video file; its kind is found when it is opened."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)


@dataclass(frozen=True, slots=True)
class GalleryBackground:
    """A background of the gallery, by name."""

    name: str

    def __str__(self) -> str:
        return self.name


BackgroundSpec = NoBackground | BlurBackground | ColorBackground | FileBackground | GalleryBackground


@dataclass(frozen=True, slots=True)
class EffectState:
    """Everything that the picture is asked to be; replaced whole, read once per frame."""

    background: BackgroundSpec = BlurBackground()


_HINT = "Use none, blur, blur:0-100, color:#rrggbb, a picture or video file, or a name of the gallery."
_COLOR = re.compile(r"#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})", re.IGNORECASE)
_NAME = re.compile(r"[\w-]{1,64}")


def parse_background(text: str) -> BackgroundSpec:
    """Parse a background as a person writes it. Touches no file.

    Raises:
        BackgroundError: The text is none of the forms above.
        PathError: It is the path of nobody's home.
    """
    stripped = text.strip()
    kind, _, argument = stripped.partition(":")
    match kind.lower():
        case "none" if not argument:
            return NoBackground()
        case "blur":
            return BlurBackground(_strength(argument)) if argument else BlurBackground()
        case "color" | "colour":
            return _color(argument)
    if _NAME.fullmatch(stripped):
        return GalleryBackground(stripped)
    if not stripped:
        raise BackgroundError("The background is empty.", hint=_HINT)
    return FileBackground(whole_path(stripped))


def _strength(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 100:
        raise BackgroundError(f"Blur strength {text!r} is not a number from 0 to 100.", hint="Example: blur:60")
    return int(text)


def _color(text: str) -> ColorBackground:
    match = _COLOR.fullmatch(text.strip())
    if match is None:
        raise BackgroundError(f"Colour {text!r} is not of the form #rrggbb.", hint="Example: color:#204060")
    red, green, blue = (int(part, 16) for part in match.groups())
    return ColorBackground(red, green, blue)
