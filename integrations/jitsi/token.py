"""What a JSON Web Token says of itself (RFC 7519), read before it is shown to a server. Only the server verifies it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from eyeline.integrations.errors import TokenError, TokenExpiredError
from eyeline.integrations.events import Advice
from eyeline.integrations.token_text import clock, json_object, span, unix_time

_LEEWAY_S = 60.0  # clocks differ, and the server's counts
_SOON_S = 4 * 3600.0


@dataclass(frozen=True, slots=True)
class TokenClaims:
    """The claims that Jitsi looks at.

    Args:
        expires_s: Unix time, or `None`: good for ever.
        not_before_s: Unix time, or `None`.
        room: The room that it is for, `*` for any; empty where it does not say.
    """

    expires_s: float | None = None
    not_before_s: float | None = None
    room: str = ""

    @classmethod
    def read(cls, token: str) -> Self:
        """Take a token apart.

        Raises:
            TokenError: It is none.
        """
        parts = token.split(".")
        claims = json_object(parts[1]) if len(parts) == 3 else None
        if claims is None:
            raise TokenError("The token is not a JSON Web Token.", hint="Copy it again, without blanks and quotes.")
        room = claims.get("room")
        return cls(unix_time(claims.get("exp")), unix_time(claims.get("nbf")), room if isinstance(room, str) else "")

    def check(self, now_s: float) -> None:
        """See whether it can be good now.

        Args:
            now_s: Unix time.

        Raises:
            TokenExpiredError: It is not good any more, or not yet.
        """
        hint = "Ask for a new link or token; if it should be good, check this machine's clock."
        if self.expires_s is not None and self.expires_s + _LEEWAY_S < now_s:
            past = span(now_s - self.expires_s)
            raise TokenExpiredError(f"The token expired {past} ago, at {clock(self.expires_s)}.", hint=hint)
        if self.not_before_s is not None and self.not_before_s - _LEEWAY_S > now_s:
            raise TokenExpiredError(f"The token is good only from {clock(self.not_before_s)} on.", hint=hint)

    def advice(self, now_s: float, *, room: str) -> Iterator[Advice]:
        """What a person should know of it before joining `room`."""
        if self.expires_s is not None and self.expires_s - now_s < _SOON_S:
            until = f"{clock(self.expires_s)} ({span(max(0.0, self.expires_s - now_s))} from now)"
            yield Advice("token_expires", f"The token is good until {until}; coming back after that takes a new one.")
        if not self.room:
            yield Advice("token_without_room", "The token names no room: some servers never answer such a login.")
        elif self.room != "*" and self.room.lower() != room.lower():
            yield Advice("token_other_room", "The token names another room: the server may refuse it.")
