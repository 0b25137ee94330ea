"""Where a meeting is named in what people paste: a link, a whole invitation, a line for telephones, a number.

Invitations come in all languages, so nothing depends on a word of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from eyeline.integrations.errors import MeetingUrlError
from eyeline.integrations.zoom.errors import AmbiguousMeetingError
from eyeline.integrations.zoom.meeting_number import HINT, WRITTEN, read_meeting_number

MAX_CHARS: Final = 20_000

# What may stand in a link: no quotes and brackets around it, and no signs of other scripts after it.
_IN_LINK: Final = r"[!#-&*-;=?-Z_a-z~]"
_LINK: Final = re.compile(
    rf"(?:https?|zoommtg|zoomus):(?://)?{_IN_LINK}+"
    rf"|(?<![\w.@/:-])(?:[a-z0-9-]{{1,63}}\.){{1,8}}[a-z]{{2,20}}/{_IN_LINK}*",
    re.IGNORECASE,
)
_SCHEME: Final = re.compile(r"([a-z]+):(?://)?", re.IGNORECASE)
_TRAILING: Final = ".,;:!?*"

_ONE_TAP: Final = re.compile(r"\+[0-9]{6,15},{1,4}([0-9]{9,11})#(?:,{1,8}0#)?(?:,{1,8}\*?([0-9]{1,10})#)?")
_SIP: Final = re.compile(
    r"(?<![0-9.])([0-9]{9,11})(?:\.([0-9]{1,10}))?(?:\.[0-9.]{0,20})?@(?:[a-z]+\.)?zoomcrc\.com", re.IGNORECASE
)
_LABEL: Final = r"[^:\uff1a\n0-9]{1,60}[:\uff1a]"
_LABELLED: Final = re.compile(rf"^({_LABEL})[^\S\n]*({WRITTEN})(?![\w@#]|[.,][0-9,])", re.MULTILINE)
_ID: Final = re.compile(r"(?<![a-z])id(?![a-z])", re.IGNORECASE)
# In an invitation: what stands alone after the next label, since titles and lines for telephones do not.
_NEXT_VALUE: Final = re.compile(rf"[\s,;/]*{_LABEL}[^\S\n]*([^\s+,/][^\s,/]*)[^\S\n]*(?:[,;\n]|\Z)")
_PASSCODE: Final = re.compile(r"[\s,;/]*pass(?:code|word)\s*[:\uff1a]\s*([^\s,/]+)", re.IGNORECASE)
_BARE: Final = re.compile(rf"({WRITTEN})(?=[\s,;]|\Z)(.*)", re.DOTALL)
_PLAIN_PASSCODE: Final = re.compile(r"[\s,;]+([^\s:\uff1a]+)")
_ONLY_DIGITS: Final = re.compile(r"[0-9][0-9\s-]*")


@dataclass(frozen=True, slots=True)
class NumberAndPasscode:
    """A meeting without a link.

    Args:
        number: Of 9 to 11 digits.
        passcode: As typed, or empty.
    """

    number: int
    passcode: str = field(default="", repr=False)


def links_in(text: str) -> list[str]:
    """Everything in a text that looks like a link, with its scheme, in its order."""
    return [_whole(found.group().rstrip(_TRAILING)) for found in _LINK.finditer(text)]


def number_in(text: str) -> NumberAndPasscode | None:
    """The meeting that a text without links names; `None` where there is none.

    Raises:
        AmbiguousMeetingError: There are several.
        MeetingUrlError: There is a number, but not of a meeting.
    """
    text = text.strip()
    if _ONLY_DIGITS.fullmatch(text) and not _BARE.fullmatch(text):
        return NumberAndPasscode(read_meeting_number(text))
    if bare := _BARE.fullmatch(text):
        return _with_rest(bare.group(1), bare.group(2))
    for candidates in (_labelled(text), _of_pattern(_SIP, text), _of_pattern(_ONE_TAP, text)):
        if found := list(candidates):
            return _only(found)
    return None


def _with_rest(written: str, rest: str) -> NumberAndPasscode:
    number = read_meeting_number(written)
    if not rest.strip():
        return NumberAndPasscode(number)
    passcode = _PASSCODE.match(rest) or _NEXT_VALUE.match(rest) or _PLAIN_PASSCODE.fullmatch(rest.rstrip())
    if passcode is None:
        raise MeetingUrlError(
            "The meeting's number is followed by something that is no passcode.",
            hint="Write the number, a space and the passcode. " + HINT,
        )
    return NumberAndPasscode(number, passcode.group(1))


def _labelled(text: str) -> Iterator[NumberAndPasscode]:
    """`Meeting ID: 812 3456 7890` and, after it, `Passcode: abc`; a label that says ID counts more than another."""
    found = list(_LABELLED.finditer(text))
    for each in [one for one in found if _ID.search(one.group(1))] or found:
        passcode = _PASSCODE.match(text, each.end()) or _NEXT_VALUE.match(text, each.end())
        yield NumberAndPasscode(read_meeting_number(each.group(2)), passcode.group(1) if passcode else "")


def _of_pattern(pattern: re.Pattern[str], text: str) -> Iterator[NumberAndPasscode]:
    for found in pattern.finditer(text):
        yield NumberAndPasscode(int(found.group(1)), found.group(2) or "")


def _only(found: list[NumberAndPasscode]) -> NumberAndPasscode:
    if len({each.number for each in found}) > 1:
        raise AmbiguousMeetingError("The text names several meetings.", hint="Give one link, or one meeting's number.")
    return next((each for each in found if each.passcode), found[0])


def _whole(link: str) -> str:
    scheme = _SCHEME.match(link)
    return f"{scheme.group(1).lower()}://{link[scheme.end() :]}" if scheme else f"https://{link}"
