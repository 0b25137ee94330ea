"""From a wish for a background to what the picture takes."""

from __future__ import annotations

from collections.abc import Sequence

from eyeline.bot.control.commands import (
    BackgroundCommand,
    PickBackground,
    SetBackground,
    SetBlur,
    SetColor,
    ShowRoom,
    StepBackground,
)
from eyeline.bot.control.names import match_name
from eyeline.bot.control.outcome import Outcome, Reason
from eyeline.processing.effects import (
    BackgroundSpec,
    BlurBackground,
    ColorBackground,
    FileBackground,
    GalleryBackground,
    GradientBackground,
    NoBackground,
    ScreenBackground,
    StreamBackground,
    parse_background,
)
from eyeline.processing.errors import BackgroundError


def as_command(text: str) -> BackgroundCommand:
    """The wish for a background as it is written in settings; a path is none.

    Raises:
        BackgroundError: It is written in no form that is known.
    """
    match parse_background(text):
        case NoBackground():
            return ShowRoom()
        case BlurBackground(strength) if strength:
            return SetBlur(strength=strength)
        case BlurBackground():
            raise BackgroundError("Blur of strength 0 is none.", hint='Say "none" to show the room.')
        case ColorBackground() as color:
            return SetColor(color=str(color).removeprefix("color:"))
        case GalleryBackground(name):
            return SetBackground(name=name)
        case GradientBackground():
            raise BackgroundError("Gradients can be chosen in the settings only.", hint="Give a colour or a name.")
        case FileBackground() | StreamBackground() | ScreenBackground():
            raise BackgroundError("That is the name of no background.", hint="Files have to be in the gallery.")


def wanted_background(
    command: BackgroundCommand, current: BackgroundSpec, names: Sequence[str]
) -> BackgroundSpec | Outcome:
    """What to put behind the person, or why it cannot be told.

    Args:
        command: The wish.
        current: What is there now.
        names: Of the gallery, in the order in which they are numbered.
    """
    match command:
        case ShowRoom():
            return NoBackground()
        case SetBlur(strength=strength):
            return BlurBackground() if strength is None else BlurBackground(strength)
        case SetColor(color=color):
            red, green, blue = bytes.fromhex(color[1:])
            return ColorBackground(red, green, blue)
        case SetBackground(name=name):
            return _named(name, names)
        case PickBackground(number=number):
            return _numbered(number, names)
        case StepBackground(step=step):
            return _stepped(step, current, names)


def _named(name: str, names: Sequence[str]) -> BackgroundSpec | Outcome:
    match = match_name(name, names)
    if match.found is not None:
        return GalleryBackground(match.found)
    return Outcome.suggest(f"There is no background {name!r}.", *match.meant)


def _numbered(number: int, names: Sequence[str]) -> BackgroundSpec | Outcome:
    if number <= len(names):
        return GalleryBackground(names[number - 1])
    return Outcome.refused(Reason.UNKNOWN, f"There are {len(names)} backgrounds, so there is no #{number}.")


def _stepped(step: int, current: BackgroundSpec, names: Sequence[str]) -> BackgroundSpec | Outcome:
    if not names:
        return Outcome.refused(Reason.UNKNOWN, "There are no backgrounds to step through.")
    folded = [name.casefold() for name in names]
    here = current.name.casefold() if isinstance(current, GalleryBackground) else ""
    if here in folded:
        return GalleryBackground(names[(folded.index(here) + step) % len(names)])
    return GalleryBackground(names[0 if step > 0 else -1])
