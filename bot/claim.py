"""One-time codes that prove to a meeting who sits at the terminal."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable
from enum import Enum

CODE_LIFE_S = 900.0
GUESSES = 5
DIGITS = 6
LONG_DIGITS = 12


class Claimed(Enum):
    """What a code that somebody sent is worth."""

    RIGHT = "right"
    WRONG = "wrong"
    WRONG_NOW_LONG = "wrong_now_long"
    EXPIRED = "expired"
    CLOSED = "closed"


class ClaimCode:
    """The code that is good now. Each is good once, and for a quarter of an hour.

    Six digits are good for a few wrong guesses of all guessers together; from then on codes have twelve, until somebody
    is right. Of 10^12 codes none is ever guessed over a chat, so that these need neither pauses nor an end: however
    hostile a room is, the person at the terminal can always claim.

    Args:
        announce: Shows a new code to whoever sits at the terminal, and to nobody else.
        clock_s: Monotonic.
    """

    def __init__(self, announce: Callable[[str], None], *, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._announce = announce
        self._clock_s = clock_s
        self._code = ""
        self._made_s = 0.0
        self._wrong = 0

    @property
    def is_long(self) -> bool:
        """Whether guessing has made codes long."""
        return self._wrong >= GUESSES

    def renew(self) -> None:
        """Make a new code, and announce it."""
        digits = LONG_DIGITS if self.is_long else DIGITS
        self._code = f"{secrets.randbelow(10**digits):0{digits}d}"
        self._made_s = self._clock_s()
        self._announce(self._code)

    def check(self, code: str) -> Claimed:
        """Take a code that somebody sent. After a right, an expired or a last wrong one there is a new code."""
        if not self._code or self._clock_s() - self._made_s > CODE_LIFE_S:
            self.renew()
            return Claimed.EXPIRED
        if hmac.compare_digest(code.encode(), self._code.encode()):
            self._wrong = 0
            self.renew()
            return Claimed.RIGHT
        if not self.is_long:
            self._wrong += 1
            if self._wrong == GUESSES:
                self.renew()
                return Claimed.WRONG_NOW_LONG
        return Claimed.WRONG
