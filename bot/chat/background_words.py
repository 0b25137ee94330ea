"""What can be written behind `bg`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from eyeline.bot.chat.tokens import Line, Token, joined
from eyeline.bot.chat.values import color, number
from eyeline.bot.control.commands import (
    Command,
    FetchBackground,
    ListBackgrounds,
    PickBackground,
    SetBackground,
    SetBlur,
    SetColor,
    ShowRoom,
    StepBackground,
)
from eyeline.bot.control.outcome import Outcome, Reason

_MAX_NAME_CHARS = 64
_COLOR_NUMBER = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)
_HIDING = ("video off", "panic")


def background(line: Line) -> Command | Outcome | None:
    """Read a line; a quoted name is always one of the gallery, whatever it says."""
    tokens = line.tokens
    if not tokens:
        return ListBackgrounds()
    if tokens[0].quoted:
        return _named(tokens)
    key, _, argument = tokens[0].text.partition(":")
    arguments = (*((Token(argument),) if argument else ()), *tokens[1:])
    match key.casefold():
        case "blur":
            return _blur(arguments)
        case "color" | "colour":
            value = color(joined(arguments, ""))
            return None if value is None else SetColor(color=value)
        case "http" | "https":
            return FetchBackground(url=tokens[0].text) if len(tokens) == 1 else None
    return _simple(tokens) if len(tokens) == 1 else _named(tokens)


def _blur(arguments: Sequence[Token]) -> Command | Outcome | None:
    text = joined(arguments)
    if text in ("0", "0%"):
        return Outcome.suggest("Blur 0 would show the room as it is.", "bg none", reason=Reason.NOT_UNDERSTOOD)
    value = number(text, 1, 100)
    return SetBlur(strength=value) if value is not None or not text else None


def _simple(tokens: Sequence[Token]) -> Command | Outcome | None:
    text = tokens[0].text
    if _COLOR_NUMBER.fullmatch(text):
        return SetColor(color=text)
    picked = number(text.removeprefix("#"), 1, 1_000_000)
    if picked is not None:
        return PickBackground(number=picked)
    match text.casefold():
        case "none":
            return ShowRoom()
        case "off":
            message = "No background shows the room; hiding yourself is something else."
            return Outcome.suggest(message, "bg none", *_HIDING, reason=Reason.NOT_UNDERSTOOD)
        case "list":
            return ListBackgrounds()
        case "next":
            return StepBackground(step=1)
        case "previous" | "prev" | "back":
            return StepBackground(step=-1)
        case "cam" | "camera" | "screen" | "desktop":
            return Outcome.refused(Reason.NOT_BUILT, "A camera or a screen cannot be a background yet.")
    return _named(tokens)


def _named(tokens: Sequence[Token]) -> Command | Outcome | None:
    name = joined(tokens, "-").strip().replace(" ", "-")
    if not name:
        return None
    if len(name) > _MAX_NAME_CHARS:
        return Outcome.refused(Reason.UNKNOWN, "No background has so long a name.")
    return SetBackground(name=name)
