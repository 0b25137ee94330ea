"""What we have to show to Zoom, and whose meetings it opens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Literal

from eyeline.integrations.errors import TokenExpiredError
from eyeline.integrations.events import Advice
from eyeline.integrations.token_text import clock, span
from eyeline.integrations.zoom.errors import ZoomCredentialsError
from eyeline.integrations.zoom.token import SdkToken, expiry_advice, expiry_of

FETCHABLE = Literal["on-behalf", "zak"]

_MAX_CHARS: Final = 8192
_VISIBLE: Final = re.compile(r"[\x21-\x7e]+")
_MIN_SECRET_CHARS: Final = 16
_HOW: Final = "Make an app with the Meeting SDK on marketplace.zoom.us; docs/zoom.md says how."


class Reach(Enum):
    """Whose meetings can be joined, by Zoom's rules of March 2026; the value says it."""

    OWN_ACCOUNT = "meetings that are hosted in the account of the app's owner, and no others"
    BESIDE_USER = "meetings of other accounts as well, beside the user who is in them, once Zoom has reviewed the app"
    AS_USER = "meetings of other accounts as well, as the user, once Zoom has reviewed the app"


@dataclass(frozen=True, slots=True)
class ZoomCredentials:
    """Everything that a person gave; empty is what was not given. All but the id is secret, and no text form shows it.

    Args:
        client_id: Of an app on Zoom's marketplace.
        client_secret: Of that app.
        jwt: A token for the SDK, instead of these two.
        zak: Joins as its user.
        on_behalf_token: Joins beside its user, once.
        access_token: OAuth of a user; what `fetch` says is fetched with it before each join.
        fetch: `on-behalf` or `zak`.
    """

    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    jwt: str = field(default="", repr=False)
    zak: str = field(default="", repr=False)
    on_behalf_token: str = field(default="", repr=False)
    access_token: str = field(default="", repr=False)
    fetch: FETCHABLE = "on-behalf"

    @property
    def reach(self) -> Reach:
        """Whose meetings they open."""
        if self.on_behalf_token or (self.access_token and not self.zak and self.fetch == "on-behalf"):
            return Reach.BESIDE_USER
        return Reach.AS_USER if self.zak or self.access_token else Reach.OWN_ACCOUNT

    def sdk_token(self, now_s: float) -> SdkToken:
        """The token for the SDK: the given one, or a fresh one.

        Args:
            now_s: Unix time.

        Raises:
            ZoomCredentialsError: There is neither a token nor what makes one, or it is written wrongly.
            ZoomUnavailableError: The extra is not installed.
            TokenError: The given one is none.
            TokenExpiredError: It is not good now.
        """
        if self.jwt:
            token = SdkToken.read(self.jwt)
            token.check(now_s)
            return token
        if not self.client_id and not self.client_secret:
            raise ZoomCredentialsError("Zoom lets nobody in who shows no app.", hint=_HOW)
        if not self.client_secret:
            hint = "Set EYELINE_ZOOM__CLIENT_SECRET, or name a file that holds it: zoom.client_secret_file."
            raise ZoomCredentialsError("There is a client id for Zoom, but no client secret.", hint=hint)
        if not self.client_id:
            raise ZoomCredentialsError(
                "There is a client secret for Zoom, but no client id.", hint="Set zoom.client_id."
            )
        if len(self.client_secret) < _MIN_SECRET_CHARS or not _VISIBLE.fullmatch(self.client_secret):
            raise ZoomCredentialsError(
                "The client secret for Zoom is too short, or has signs that none has.",
                hint="Copy it again from the app's page, without blanks and quotes.",
            )
        return SdkToken.made(self.client_id, self.client_secret, now_s)

    def check(self, now_s: float) -> None:
        """See whether the user's own tokens can be good now, before anybody is asked.

        Args:
            now_s: Unix time.

        Raises:
            ZoomCredentialsError: One has signs that none can have.
            TokenExpiredError: One says itself that it is over.
        """
        for what, token in self._user_tokens():
            if len(token) > _MAX_CHARS or not _VISIBLE.fullmatch(token):
                hint = "Copy it again, without blanks and quotes."
                raise ZoomCredentialsError(f"{what} has signs that none can have, or too many.", hint=hint)
            expires_s = expiry_of(token)
            if expires_s is not None and expires_s <= now_s:
                raise TokenExpiredError(
                    f"{what} expired {span(now_s - expires_s)} ago, at {clock(expires_s)}.",
                    hint="Get a new one, or give zoom.access_token: then Eyeline fetches one for each join.",
                )

    def advice(self, now_s: float) -> Iterator[Advice]:
        """What a person should know of all these before joining."""
        if self.jwt:
            yield from SdkToken.read(self.jwt).advice(now_s)
        for what, token in self._user_tokens():
            yield from expiry_advice(what, expiry_of(token), now_s)
        if self.on_behalf_token:
            yield Advice("token_once", "The on-behalf token is good for one join: coming back takes a new one.")

    def _user_tokens(self) -> Iterator[tuple[str, str]]:
        named = {
            "The ZAK": self.zak,
            "The on-behalf token": self.on_behalf_token,
            "The access token": self.access_token,
        }
        yield from ((what, token) for what, token in named.items() if token)
