"""What is answered in a chat: short lines that nobody takes for a command."""

from __future__ import annotations

from eyeline.bot.chat.words import SPELLINGS, WORDS
from eyeline.bot.control.outcome import Outcome, Reason

MAX_REPLY_CHARS = 480

_OVERVIEW = (
    "For the person behind this camera: {p}bg NAME, #3, next, blur 40, color #204060, none, list; {p}mirror, {p}frame, "
    "{p}exposure, {p}people; {p}video on/off; {p}mute, {p}unmute; {p}panic (the card, now); {p}undo; {p}say TEXT; "
    "{p}allow, {p}deny @NAME; {p}leave. For everybody: {p}status, {p}help WORD, {p}claim CODE. {p}bg@NAME reaches one "
    "of several cameras."
)


def reply_text(outcome: Outcome, prefix: str) -> str:
    """An outcome as one message of at most `MAX_REPLY_CHARS`."""
    text = outcome.message
    if outcome.suggestions:
        meant = [f"{prefix}{each}" if each.split(" ")[0] in WORDS else each for each in outcome.suggestions]
        text = f"{text} Did you mean {' or '.join(meant)}?"
    text = " ".join(text.split())
    if text.startswith((prefix, "/", "!")):
        text = f"· {text}"
    return text if len(text) <= MAX_REPLY_CHARS else f"{text[: MAX_REPLY_CHARS - 1]}…"


def help_for(topic: str, prefix: str) -> Outcome:
    """How one word is written, or an overview."""
    word = SPELLINGS.get(topic.casefold().removeprefix(prefix).strip())
    if topic and word is None:
        return Outcome.suggest(f"There is no {topic[:40]!r}.", "help", reason=Reason.NOT_UNDERSTOOD)
    if word is None:
        return Outcome.done(_OVERVIEW.format(p=prefix))
    return Outcome.done(f"Write {prefix}{WORDS[word].usage}: {WORDS[word].purpose}.")
