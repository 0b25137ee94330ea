"""The JSON Web Token that Zoom's SDK logs in with: made from an app's id and secret, or given and looked at.

The SDK checks next to nothing by itself: a token without an app, signed in another way or made for next year is only
refused by Zoom's server, and one that is badly written ends in an error without a word. So all of that is said here.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from eyeline.integrations.errors import TokenError, TokenExpiredError
from eyeline.integrations.events import Advice
from eyeline.integrations.token_text import clock, json_object, parts_of, span, unix_time
from eyeline.integrations.zoom.errors import ZoomUnavailableError

MIN_LIFETIME_S: Final = 1800
MAX_LIFETIME_S: Final = 172_800
MIN_LEFT_S: Final = 1810
"""The SDK refuses a token that is good for 1800 s or less; starting it takes some seconds."""

_LEEWAY_S: Final = 30  # clocks differ
_OWN_LIFETIME_S: Final = 2 * 3600
_SOON_S: Final = 4 * 3600.0
_BASE64URL: Final = re.compile(r"[A-Za-z0-9_-]+")
_SIGNATURE_BYTES: Final = 32  # of HMAC with SHA-256
_AGAIN: Final = (
    "Copy it again, whole, or give zoom.client_id and the secret instead: then Eyeline makes one for each join."
)
_NEW: Final = "Make a new one; if it should be good, check this machine's clock."


@dataclass(frozen=True, slots=True)
class SdkToken:
    """A token that the SDK will take, as far as can be seen without Zoom.

    Args:
        text: The token. A secret.
        app_key: The client id of the app that it is for.
        issued_s: Unix time.
        expires_s: Unix time, the earlier one where it names two.
    """

    text: str = field(repr=False)
    app_key: str
    issued_s: int
    expires_s: int

    @classmethod
    def made(cls, client_id: str, client_secret: str, now_s: float) -> Self:
        """A fresh one, good for two hours.

        Args:
            client_id: Of an app on Zoom's marketplace.
            client_secret: Of that app.
            now_s: Unix time.

        Raises:
            ZoomUnavailableError: The extra `eyeline[zoom]` is not installed.
        """
        try:
            import jwt
        except ImportError as error:
            raise ZoomUnavailableError(
                "PyJWT is not installed, which signs the token for Zoom.",
                hint="Install the extra eyeline[zoom], or run: python -m pip install zoom-meeting-sdk PyJWT",
            ) from error
        issued_s, expires_s = int(now_s) - _LEEWAY_S, int(now_s) + _OWN_LIFETIME_S
        claims = {"appKey": client_id, "iat": issued_s, "exp": expires_s, "tokenExp": expires_s}
        return cls(jwt.encode(claims, client_secret, algorithm="HS256"), client_id, issued_s, expires_s)

    @classmethod
    def read(cls, text: str) -> Self:
        """Take a token apart.

        Raises:
            TokenError: It is none that Zoom could take, whenever.
        """
        parts = parts_of(text)
        if parts is None or not all(_BASE64URL.fullmatch(part) for part in parts):
            raise TokenError(
                "The SDK's token is not a JSON Web Token: it must have three parts of letters, digits, - and _.",
                hint=_AGAIN,
            )
        header, claims = json_object(parts[0]), json_object(parts[1])
        if header is None or claims is None:
            raise TokenError("The SDK's token cannot be decoded.", hint=_AGAIN)
        if header.get("alg") != "HS256":
            raise TokenError("The SDK's token is not signed with HS256.", hint=_AGAIN)
        if not _is_signature(parts[2]):
            raise TokenError("The SDK's token ends in something that is no signature of HS256.", hint=_AGAIN)
        app_key = claims.get("appKey")
        if not isinstance(app_key, str) or not app_key:
            raise TokenError("The SDK's token names no app (appKey).", hint=_AGAIN)
        issued_s = _seconds(claims, "iat")
        ends = [_seconds(claims, name) for name in ("exp", "tokenExp")]
        for end_s in ends:
            _check_lifetime(end_s - issued_s)
        return cls(text, app_key, issued_s, min(ends))

    def check(self, now_s: float) -> None:
        """See whether the SDK and Zoom can take it now.

        Args:
            now_s: Unix time.

        Raises:
            TokenExpiredError: It is not good any more, not yet, or not for long enough.
        """
        if self.issued_s - _LEEWAY_S > now_s:
            raise TokenExpiredError(f"The SDK's token is good only from {clock(self.issued_s)} on.", hint=_NEW)
        left_s = self.expires_s - now_s
        if left_s <= 0:
            past = span(-left_s)
            raise TokenExpiredError(f"The SDK's token expired {past} ago, at {clock(self.expires_s)}.", hint=_NEW)
        if left_s < MIN_LEFT_S:
            raise TokenExpiredError(
                f"The SDK's token is good for {span(left_s)} more; the SDK takes none with less than half an hour.",
                hint=_NEW,
            )

    def advice(self, now_s: float) -> Iterator[Advice]:
        """What a person should know of it before joining."""
        yield from expiry_advice("The SDK's token", self.expires_s, now_s)


def expiry_of(token: str) -> float | None:
    """When a ZAK or an on-behalf token expires (Unix time), or `None` where it does not tell.

    Only Zoom knows what else is in it.
    """
    parts = parts_of(token)
    claims = json_object(parts[1]) if parts else None
    return unix_time(claims.get("exp")) if claims else None


def expiry_advice(what: str, expires_s: float | None, now_s: float) -> Iterator[Advice]:
    """That something is good for some hours only."""
    if expires_s is not None and expires_s - now_s < _SOON_S:
        until = f"{clock(expires_s)} ({span(max(0.0, expires_s - now_s))} from now)"
        yield Advice("token_expires", f"{what} is good until {until}; coming back after that takes a new one.")


def _is_signature(part: str) -> bool:
    try:
        return len(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) == _SIGNATURE_BYTES
    except (ValueError, binascii.Error):
        return False


def _seconds(claims: Mapping[str, object], name: str) -> int:
    value = claims.get(name)
    if value is None:
        raise TokenError(f"The SDK's token does not say {name}.", hint=_AGAIN)
    if not isinstance(value, int) or unix_time(value) is None:
        raise TokenError(f"The SDK's token says {name} as something else than whole seconds.", hint=_AGAIN)
    return value


def _check_lifetime(lifetime_s: int) -> None:
    if not MIN_LIFETIME_S <= lifetime_s <= MAX_LIFETIME_S:
        raise TokenError(
            f"The SDK's token is made to be good for {lifetime_s} s; Zoom takes {MIN_LIFETIME_S} to {MAX_LIFETIME_S}.",
            hint=_AGAIN,
        )
