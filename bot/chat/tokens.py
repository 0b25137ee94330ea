"""A line of chat, taken apart: `!word@address rest`, and the rest into words and quoted texts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

ALIAS = "/"
MAX_LINE_CHARS = 500

_HEAD = re.compile(r"""(?P<word>[^\W\d_][\w-]*)(?:@(?P<to>"[^"]*"|[^\s"]+))?(?P<rest>.*)""", re.DOTALL)
_TOKEN = re.compile(r'"(?P<quoted>[^"]*)"?|(?P<plain>[^\s"]+)')
_STRAIGHT = str.maketrans(dict.fromkeys("“”„«»", '"'))


@dataclass(frozen=True, slots=True)
class Token:
    """One word, or what stood between quotation marks."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line that looks like a command.

    Args:
        mark: What it began with: the prefix or `ALIAS`.
        word: What it says to do.
        to: Whom it addresses, or `None`.
        rest: Everything behind.
    """

    mark: str
    word: str
    to: str | None
    rest: str

    @property
    def tokens(self) -> tuple[Token, ...]:
        """The rest, word by word."""
        found = _TOKEN.finditer(self.rest)
        return tuple(Token(m["quoted"], quoted=True) if m["plain"] is None else Token(m["plain"]) for m in found)


def take_apart(text: str, prefix: str) -> Line | None:
    """Read a line of chat; `None` for one that is just talk.

    Args:
        text: As it was said. Nothing behind `MAX_LINE_CHARS` is looked at.
        prefix: What commands begin with, beside `ALIAS`.
    """
    line = text[:MAX_LINE_CHARS].strip()
    mark = next((each for each in (prefix, ALIAS) if line.startswith(each)), None)
    head = _HEAD.fullmatch(line[len(mark) :].translate(_STRAIGHT)) if mark is not None else None
    if mark is None or head is None:
        return None
    to = head["to"]
    return Line(mark, head["word"], to.strip('"') if to is not None else None, head["rest"].strip())


def joined(tokens: Sequence[Token], separator: str = " ") -> str:
    """Several words as one text."""
    return separator.join(token.text for token in tokens)
