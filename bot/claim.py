"""One-time codes that prove to a meeting who sits at the terminal."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable
from enum import Enum

CODE_LIFE_S = 900.0
GUESSES_PER_CODE = 5
FIRST_REST_S = 60.0
MAX_CODES_GUESSED = 8


class Claimed(Enum):
    """What a code that somebody sent is worth."""

    RIGHT = "right"
    WRONG = "wrong"
    EXPIRED = "expired"
    RESTING = "resting"
    CLOSED = "closed"


class ClaimCode:
    """The code that is good now. Each is good once, for a quarter of an hour, and for a few wrong guesses.

    A guesser gets `GUESSES_PER_CODE * MAX_CODES_GUESSED` guesses at six digits in all, with pauses that double, and
    then no code is taken any more in this run. The owner reads each new code at the terminal.

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
        self._codes_guessed = 0
        self._rest_until_s = 0.0

    def renew(self) -> None:
        """Make a new code, and announce it."""
        self._code = f"{secrets.randbelow(1_000_000):06d}"
        self._made_s = max(self._clock_s(), self._rest_until_s)
        self._wrong = 0
        self._announce(self._code)

    def check(self, code: str) -> Claimed:
        """Take a code that somebody sent. After a right, a last wrong or an expired one there is a new code."""
        now_s = self._clock_s()
        if self._codes_guessed >= MAX_CODES_GUESSED:
            return Claimed.CLOSED
        if now_s < self._rest_until_s:
            return Claimed.RESTING
        if not self._code or now_s - self._made_s > CODE_LIFE_S:
            self.renew()
            return Claimed.EXPIRED
        if hmac.compare_digest(code.encode(), self._code.encode()):
            self._codes_guessed = 0
            self.renew()
            return Claimed.RIGHT
        self._guessed(now_s)
        return Claimed.WRONG

    def _guessed(self, now_s: float) -> None:
        self._wrong += 1
        if self._wrong < GUESSES_PER_CODE:
            return
        self._rest_until_s = now_s + FIRST_REST_S * 2**self._codes_guessed
        self._codes_guessed += 1
        if self._codes_guessed < MAX_CODES_GUESSED:
            self.renew()
