"""What a person wants done to the picture: frozen values, swapped whole.

A background is written as text at the edges (command line, settings, chat) and parsed once, here::

    none                                    the room as it is
    blur | blur:0-100                       the room, blurred
    color:#rrggbb                           one colour
    gradient:[ANGLE,]#rrggbb,#rrggbb[,...]  2 to 8 colours; ANGLE in degrees as in CSS: 180 runs downwards
    FILE | GALLERY-NAME                     a picture, an animated picture or a video
    rtsp://... | http(s)://...              a live stream
    screen | screen:N | screen:WxH+X+Y      a screen of this machine, or a part of it
    fit:WHAT                                WHAT, one of the last three rows, whole instead of cut to fill
    focus:X,Y:WHAT                          WHAT, cut so that this point stays in view, in percent from the top left

A file that is called like a word of this list is written with its folder: `./none`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from eyeline.config.paths import whole_path
from eyeline.processing.cover import MIDDLE_PERCENT
from eyeline.processing.errors import BackgroundError
from eyeline.processing.framing_spec import WHOLE_PICTURE, Framing
from eyeline.processing.gaze_spec import UNTOUCHED, Gaze
from eyeline.processing.placement import COVER, Fill, Placement
from eyeline.processing.sources.spec import ScreenSpec, StreamSpec, is_url, parse_screen, parse_stream

DEFAULT_BLUR_STRENGTH = 60
DOWNWARDS_DEGREES = 180
MAX_GRADIENT_COLORS = 8


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

    @property
    def code(self) -> str:
        """As `#rrggbb`."""
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"

    def __str__(self) -> str:
        return f"color:{self.code}"


@dataclass(frozen=True, slots=True)
class GradientBackground:
    """Colours that run into each other along a line.

    Args:
        colors: 2 to 8, evenly spaced.
        angle_degrees: Where the line points, 0..359 clockwise from upwards, as in CSS.
    """

    colors: tuple[ColorBackground, ...]
    angle_degrees: int = DOWNWARDS_DEGREES

    def __str__(self) -> str:
        return f"gradient:{self.angle_degrees},{','.join(color.code for color in self.colors)}"


@dataclass(frozen=True, slots=True)
class FileBackground:
    """A picture or a video file; its kind is found when it is opened.

    Args:
        path: Where it is.
        placement: How it stands in the frame.
        title: What people call it, instead of its path.
    """

    path: Path
    placement: Placement = COVER
    title: str = ""

    def __str__(self) -> str:
        return f"{_placing(self.placement)}{_path_text(self.path)}"


@dataclass(frozen=True, slots=True)
class GalleryBackground:
    """A background of the gallery, by name."""

    name: str
    placement: Placement = COVER

    def __str__(self) -> str:
        return f"{_placing(self.placement)}{self.name}"


@dataclass(frozen=True, slots=True)
class StreamBackground:
    """A stream of the network. As text it shows no password."""

    stream: StreamSpec
    placement: Placement = COVER

    def __str__(self) -> str:
        return f"{_placing(self.placement)}{self.stream}"


@dataclass(frozen=True, slots=True)
class ScreenBackground:
    """A screen of this machine, as it changes."""

    screen: ScreenSpec
    placement: Placement = COVER

    def __str__(self) -> str:
        return f"{_placing(self.placement)}{self.screen}"


PlacedBackground = FileBackground | GalleryBackground | StreamBackground | ScreenBackground
BackgroundSpec = NoBackground | BlurBackground | ColorBackground | GradientBackground | PlacedBackground


class People(Enum):
    """Who stays in the picture."""

    EVERYONE = "everyone"
    NEAREST = "nearest"


class Exposure(Enum):
    """What is done about a dark room."""

    OFF = "off"
    LIFT = "lift"


@dataclass(frozen=True, slots=True)
class EffectState:
    """Everything that the picture is asked to be; replaced whole, read once per frame.

    Args:
        background: What is behind the person.
        mirror: Left and right changed.
        framing: Which part of the camera's picture is used.
        exposure: Whether a person who is too dark is made brighter.
        people: Who stays.
        light_wrap: How much of the background's light falls on the person's edge: 0 (none) to 100.
        gaze: Whether eyes are turned to the camera.
    """

    background: BackgroundSpec = BlurBackground()
    mirror: bool = False
    framing: Framing = WHOLE_PICTURE
    exposure: Exposure = Exposure.OFF
    people: People = People.EVERYONE
    light_wrap: int = 0
    gaze: Gaze = UNTOUCHED


RESERVED_NAMES = frozenset({"none", "blur", "color", "colour", "gradient", "screen", "fit", "cover", "focus"})
"""Words of the grammar, which no background of the gallery can be called."""

_HINT = (
    "Use none, blur, blur:0-100, color:#rrggbb, gradient:#rrggbb,#rrggbb, a picture or video file, a name of the "
    "gallery, an rtsp:// or http:// address, or screen."
)
_FOCUS_HINT = "Example: focus:50,30:beach.jpg"
_COLOR = re.compile(r"#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})", re.IGNORECASE)
_ANGLE = re.compile(r"(-?[0-9]{1,4})(?:deg)?", re.IGNORECASE)
_NAME = re.compile(r"[\w-]{1,64}")


def parse_background(text: str) -> BackgroundSpec:
    """Parse a background as a person writes it. Touches no file.

    Raises:
        BackgroundError: The text is none of the forms above.
        SourceTextError: The address or the screen cannot be one.
        PathError: It is the path of nobody's home.
    """
    stripped = text.strip()
    kind, colon, argument = stripped.partition(":")
    match kind.lower():
        case "none" if not colon:
            return NoBackground()
        case "blur":
            return BlurBackground(_strength(argument)) if argument else BlurBackground()
        case "color" | "colour" if colon:
            return _color(argument)
        case "gradient" if colon:
            return _gradient(argument)
        case "cover" if colon:
            return _placed(argument, COVER)
        case "fit" if colon:
            return _placed(argument, Placement(Fill.FIT))
        case "focus" if colon:
            point, _, what = argument.partition(":")
            return _placed(what, Placement(focus_percent=_point(point)))
    return _shown(stripped)


def is_gallery_name(text: str) -> bool:
    """Whether a background of the gallery can be called so, and then be asked for by this name."""
    return _NAME.fullmatch(text) is not None and text.casefold() not in RESERVED_NAMES


def _shown(text: str) -> PlacedBackground:
    if text.lower() == "screen" or text.lower().startswith("screen:"):
        return ScreenBackground(parse_screen(text))
    if is_url(text):
        return StreamBackground(parse_stream(text))
    if is_gallery_name(text):
        return GalleryBackground(text)
    if not text:
        raise BackgroundError("The background is empty.", hint=_HINT)
    if text.casefold() in RESERVED_NAMES:
        raise BackgroundError(f"The background {text!r} is not complete.", hint=_HINT)
    return FileBackground(whole_path(text))


def _placed(text: str, placement: Placement) -> PlacedBackground:
    spec = parse_background(text)
    if not isinstance(spec, PlacedBackground) or spec.placement != COVER:
        raise BackgroundError(f"{text!r} cannot be fitted or focused: it has no shape of its own.", hint=_FOCUS_HINT)
    return replace(spec, placement=placement)


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


def _gradient(text: str) -> GradientBackground:
    parts = [part.strip() for part in text.split(",")]
    angle = None if _COLOR.fullmatch(parts[0]) else _ANGLE.fullmatch(parts[0])
    colors = tuple(_color(part) for part in parts[1 if angle else 0 :])
    if not 2 <= len(colors) <= MAX_GRADIENT_COLORS:
        raise BackgroundError(
            f"A gradient has 2 to {MAX_GRADIENT_COLORS} colours, not {len(colors)}.",
            hint="Example: gradient:135,#1f3a5f,#7aa6c2",
        )
    return GradientBackground(colors, int(angle[1]) % 360 if angle else DOWNWARDS_DEGREES)


def _point(text: str) -> tuple[int, int]:
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() and int(part) <= 100 for part in parts):
        raise BackgroundError(f"Focus {text!r} is not two numbers from 0 to 100.", hint=_FOCUS_HINT)
    return int(parts[0]), int(parts[1])


def _placing(placement: Placement) -> str:
    if placement.fill is Fill.FIT:
        return "fit:"
    if placement.focus_percent == MIDDLE_PERCENT:
        return ""
    return f"focus:{placement.focus_percent[0]},{placement.focus_percent[1]}:"


def _path_text(path: Path) -> str:
    """The path, written so that it is not taken for another form."""
    text = str(path)
    is_plain = path.is_absolute() or not (":" in text or text.startswith("~") or _NAME.fullmatch(text))
    return text if is_plain else f"./{text}"
