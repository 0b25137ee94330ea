"""What can be written behind each word, and the command that it makes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from eyeline.bot.chat.background_words import background
from eyeline.bot.chat.tokens import Line, joined
from eyeline.bot.chat.values import color, number, switch
from eyeline.bot.control.commands import (
    MAX_SAY_CHARS,
    Allow,
    Camera,
    Claim,
    Command,
    Company,
    Deny,
    Follow,
    Framing,
    Gaze,
    Help,
    Leave,
    Lighting,
    ListBackgrounds,
    Microphone,
    Mirror,
    Panic,
    Say,
    SetBlur,
    SetColor,
    Status,
    Undo,
    Video,
)
from eyeline.bot.control.outcome import Outcome
from eyeline.processing.effects import Exposure, People

Reading = Command | Outcome | None
"""What a line asks for, or why it cannot be done, or `None` where it is written as its word is not to be used."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word of the language.

    Args:
        usage: How it is written, without the prefix.
        purpose: What it does, in a few words.
        read: Makes the command of a line.
    """

    usage: str
    purpose: str
    read: Callable[[Line], Reading]


def _blur(line: Line) -> Reading:
    match line.tokens:
        case []:
            return SetBlur()
        case [strength]:
            value = number(strength.text, 1, 100)
            return None if value is None else SetBlur(strength=value)
    return None


def _color(line: Line) -> Reading:
    value = color(joined(line.tokens, ""))
    return None if value is None else SetColor(color=value)


def _gaze(line: Line) -> Reading:
    text = joined(line.tokens)
    if switch(text) is not None:
        return Gaze(strength=None if switch(text) else 0)
    if text.casefold() in ("natural", "teleprompter"):
        return Gaze(mode="natural" if text.casefold() == "natural" else "teleprompter")
    value = number(text, 0, 100)
    return Gaze(strength=value) if value is not None or not text else None


def _mirror(line: Line) -> Reading:
    on = switch(line.rest)
    return Mirror(on=on) if on is not None or not line.rest else None


def _framing(line: Line) -> Reading:
    text = line.rest.casefold()
    on = True if text == "auto" else switch(text)
    if on is not None or not text:
        return Follow(on=on)
    if text == "whole":
        return Framing(framing="off")
    kind, _, numbers = text.replace(":", " ").partition(" ")
    return Framing(framing=f"{kind}:{','.join(re.findall(r'[0-9]+', numbers))}")


def _exposure(line: Line) -> Reading:
    on = True if line.rest.casefold() == "lift" else switch(line.rest)
    if on is not None:
        return Lighting(exposure=Exposure.LIFT if on else Exposure.OFF)
    return None if line.rest else Lighting()


def _people(line: Line) -> Reading:
    return Company(people=People(line.rest.casefold()) if line.rest else None)


def _camera(line: Line) -> Reading:
    text = joined(line.tokens).casefold()
    value = number(text.removeprefix("#"), 1, 1000)
    return Camera(number=value) if value is not None or text in ("", "auto", "list") else None


def _video(line: Line) -> Reading:
    on = switch(line.rest)
    return None if on is None else Video(on=on)


def _mute(line: Line) -> Reading:
    on = switch(line.rest)
    return Microphone(on=on is False) if on is not None or not line.rest else None


def _microphone(line: Line) -> Reading:
    on = switch(line.rest)
    return None if on is None else Microphone(on=on)


def _say(line: Line) -> Reading:
    return Say(text=line.rest[:MAX_SAY_CHARS]) if line.rest else None


def _claim(line: Line) -> Reading:
    code = re.sub(r"[\s-]", "", line.rest)
    return Claim(code=code) if re.fullmatch(r"[0-9]{6}|[0-9]{12}", code) else None


def _who(line: Line) -> str:
    return joined(line.tokens).removeprefix("@").strip()[:100]


def _allow(line: Line) -> Reading:
    return Allow(who=_who(line)) if _who(line) else None


def _deny(line: Line) -> Reading:
    return Deny(who=_who(line)) if _who(line) else None


WORDS: Mapping[str, Word] = MappingProxyType(
    {
        "bg": Word(
            "bg NAME | #NUMBER | next | previous | blur 1-100 | color #rrggbb | https://... | none | list",
            "what is behind you",
            background,
        ),
        "blur": Word("blur [1-100]", "blurs the room", _blur),
        "color": Word("color #rrggbb", "one colour behind you", _color),
        "list": Word("list", "names the backgrounds", lambda _: ListBackgrounds()),
        "gaze": Word("gaze on | off | 0-100 | natural | teleprompter", "turns your eyes to the camera", _gaze),
        "mirror": Word("mirror [on | off]", "changes left and right", _mirror),
        "frame": Word("frame [on | off] | whole | crop X,Y,W,H", "follows you, or shows a part in percent", _framing),
        "exposure": Word("exposure [on | off]", "makes you brighter in the dark", _exposure),
        "people": Word("people [everyone | nearest]", "who stays in the picture", _people),
        "cam": Word("cam auto | NUMBER", "another camera (not built yet)", _camera),
        "video": Word("video on | off", "stops the camera, or goes on", _video),
        "mute": Word("mute [on | off]", "mutes the microphone", _mute),
        "unmute": Word("unmute", "unmutes the microphone", lambda _: Microphone(on=True)),
        "mic": Word("mic on | off", "the microphone", _microphone),
        "panic": Word("panic", "shows the card at once, until: video on", lambda _: Panic()),
        "undo": Word("undo", "takes back the last change of the picture", lambda _: Undo()),
        "status": Word("status", "tells what is done to the picture", lambda _: Status()),
        "say": Word("say TEXT", "says a line to all", _say),
        "leave": Word("leave", "leaves the meeting", lambda _: Leave()),
        "claim": Word("claim CODE", "proves by the code of the terminal that you are in charge", _claim),
        "allow": Word("allow @NAME", "lets somebody change the picture", _allow),
        "deny": Word("deny @NAME", "listens to somebody no more", _deny),
        "help": Word("help [WORD]", "tells what can be written", lambda line: Help(topic=line.rest[:64])),
    }
)
"""The language, by its words; those that come first are the better suggestions."""

SPELLINGS: Mapping[str, str] = MappingProxyType(
    {
        **{word: word for word in WORDS},
        "background": "bg",
        "colour": "color",
        "framing": "frame",
        "light": "exposure",
        "camera": "cam",
        "microphone": "mic",
    }
)
"""Every way to write a word."""

WHOLE_WORDS = frozenset({"leave"})
"""Words that a beginning does not stand for."""

FIRST_WORD = "panic"
"""The word that any of its beginnings stands for, whatever else begins so."""
