"""From a line of chat to a command, the same on every platform.

    !bg beach    !bg #3    !bg "forest haze"    !bg@ada color #204060    /panic    !bl 40

Upper and lower case are the same, a beginning that fits one word only stands for it, and what is nearly a word is
suggested. What hides the person is understood even when it is misspelt.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from eyeline.bot.chat.tokens import ALIAS, Line, take_apart
from eyeline.bot.chat.words import FIRST_WORD, SPELLINGS, WHOLE_WORDS, WORDS
from eyeline.bot.control.commands import Command, Panic
from eyeline.bot.control.names import match_name
from eyeline.bot.control.outcome import Outcome, Reason

_PANIC_LIKENESS = 0.75
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asks for in a line of chat.

    Args:
        wish: The command, or why there is none. Suggestions of a word are written without the prefix.
        to: Whom it addresses by name, or `None`.
    """

    wish: Command | Outcome
    to: str | None = None


class Parser:
    """Reads lines of chat. Any text is fine; none makes it raise.

    Args:
        prefix: What commands begin with; `/` does as well.
    """

    def __init__(self, prefix: str = "!") -> None:
        self.prefix = prefix

    def parse(self, text: str) -> Request | None:
        """What a line asks for; `None` for one that is just talk."""
        line = take_apart(text, self.prefix)
        wish = self._wish(line) if line is not None else None
        return Request(wish, line.to) if line is not None and wish is not None else None

    def masked(self, text: str) -> str:
        """The line without the digits of a code, for whoever else is told of it."""
        line = take_apart(text, self.prefix)
        if line is None or not ("claim".startswith(line.word.casefold()) or _is_like(line.word, "claim", 0.6)):
            return text
        return _DIGIT.sub("*", text)

    def _wish(self, line: Line) -> Command | Outcome | None:
        word = _word(line.word)
        if word is not None:
            return self._read(word, line)
        if _is_like(line.word, "panic", _PANIC_LIKENESS):
            return Panic()
        if line.mark == ALIAS:
            return None  # other programs have commands of their own behind it
        near = match_name(line.word, list(SPELLINGS), whole=WHOLE_WORDS).meant
        meant = tuple(dict.fromkeys(SPELLINGS[each] for each in near)) or ("help",)
        return Outcome.suggest(f"There is no {line.word[:40]!r}.", *meant, reason=Reason.NOT_UNDERSTOOD)

    def _read(self, word: str, line: Line) -> Command | Outcome:
        try:
            wish = WORDS[word].read(line)
        except ValueError:  # of pydantic, or of an enum
            wish = None
        if wish is not None:
            return wish
        return Outcome.refused(Reason.NOT_UNDERSTOOD, f"Write it so: {self.prefix}{WORDS[word].usage}")


def _word(text: str) -> str | None:
    """The word that somebody wrote, or the only one that begins so."""
    folded = text.casefold()
    if folded in SPELLINGS:
        return SPELLINGS[folded]
    begun = {word for spelling, word in SPELLINGS.items() if spelling.startswith(folded)}
    if FIRST_WORD in begun:
        return FIRST_WORD
    return next(iter(begun)) if len(begun) == 1 and not begun & WHOLE_WORDS else None


def _is_like(text: str, word: str, likeness: float) -> bool:
    return difflib.SequenceMatcher(None, text.casefold()[:64], word).ratio() >= likeness
