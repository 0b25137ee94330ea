"""A meeting's number as people and links write it: 9 to 11 digits, in groups or not."""

from __future__ import annotations

import re
from typing import Final

from eyeline.integrations.errors import MeetingUrlError

HINT: Final = "A meeting's number has 9 to 11 digits, such as 812 3456 7890."

# Zoom writes 3-3-3, 3-3-4 and 3-4-4. `\s` is also the no-break space of mails.
WRITTEN: Final = (
    r"(?:[0-9]{9,11}|[0-9]{3}[\s-][0-9]{3}[\s-][0-9]{3,4}|[0-9]{3}[\s-][0-9]{4}[\s-][0-9]{4})(?![0-9])(?!-[0-9])"
)
"""A pattern (a string) of a number in the groups that Zoom uses, or in none."""

_SEPARATORS: Final = re.compile(r"[\s-]+")
_DIGITS: Final = re.compile(r"[0-9]+")


def read_meeting_number(written: str) -> int:
    """The number, whatever its groups are.

    Raises:
        MeetingUrlError: It is none.
    """
    digits = _SEPARATORS.sub("", written)
    if not _DIGITS.fullmatch(digits):
        raise MeetingUrlError("The meeting's number has something else than digits in it.", hint=HINT)
    if not 9 <= len(digits) <= 11:
        raise MeetingUrlError(f"The meeting's number has {len(digits)} digits.", hint=HINT)
    return int(digits)
