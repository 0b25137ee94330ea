"""All that one attempt to join needs: tokens that are fresh, since some are good once and others for an hour."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from eyeline.integrations.errors import TokenExpiredError
from eyeline.integrations.zoom.credentials import ZoomCredentials
from eyeline.integrations.zoom.errors import ZoomCredentialsError
from eyeline.integrations.zoom.hosts import api_of
from eyeline.integrations.zoom.rest import ZoomApi
from eyeline.integrations.zoom.token import SdkToken
from eyeline.integrations.zoom.url import ZoomLink


@dataclass(frozen=True, slots=True)
class JoinTokens:
    """What one attempt shows. All of it is secret.

    Args:
        sdk: For the SDK itself.
        zak: To join as a user, or empty.
        on_behalf: To join beside a user, or empty.
    """

    sdk: SdkToken
    zak: str = field(default="", repr=False)
    on_behalf: str = field(default="", repr=False)


class JoinTokenSource:
    """Makes and fetches them, attempt by attempt.

    Args:
        credentials: Gives the newest ones.
        link: Of the meeting.
        api_url: Where Zoom's REST interface is; empty for that of the meeting's cloud.
        trust: As `ZoomApi` takes it.
    """

    def __init__(
        self,
        credentials: Callable[[], ZoomCredentials],
        link: ZoomLink,
        *,
        api_url: str = "",
        trust: ssl.SSLContext | bool = True,
    ) -> None:
        self._credentials = credentials
        self._link = link
        self._api_url = api_url or api_of(link.web_domain)
        self._trust = trust
        self._used = ""

    async def next(self, now_s: float) -> JoinTokens:
        """For one attempt.

        Args:
            now_s: Unix time.

        Raises:
            ZoomCredentialsError: What was given is not enough, or cannot be what it should.
            ZoomUnavailableError: The extra is not installed.
            LoginError: A token is none, has expired or was used, or Zoom did not take the access token.
            ZoomApiError: Zoom gave no token.
            NetworkError: Zoom cannot be reached.
        """
        given = self._credentials()
        if self._used and given.on_behalf_token == self._used:
            given = self._without_used(given)
        given.check(now_s)
        sdk = given.sdk_token(now_s)
        if given.on_behalf_token:
            self._used = given.on_behalf_token
            return JoinTokens(sdk, given.zak, given.on_behalf_token)
        if given.access_token and not given.zak:
            return await self._fetched(sdk, given)
        return JoinTokens(sdk, given.zak)

    def _without_used(self, given: ZoomCredentials) -> ZoomCredentials:
        if not given.zak and not given.access_token:
            raise TokenExpiredError(
                "The on-behalf token was used for an earlier join, and is good for one.",
                hint="Give a new one, or zoom.access_token: then Eyeline fetches one for each join.",
            )
        return replace(given, on_behalf_token="")

    async def _fetched(self, sdk: SdkToken, given: ZoomCredentials) -> JoinTokens:
        api = ZoomApi(given.access_token, base_url=self._api_url, trust=self._trust)
        if given.fetch == "zak":
            return JoinTokens(sdk, zak=await api.zak())
        if not self._link.meeting_number:
            raise ZoomCredentialsError(
                "A token on behalf of a user is for a meeting's number, and a personal link has none.",
                hint='Take the link with the number, or set zoom.fetch = "zak".',
            )
        return JoinTokens(sdk, on_behalf=await api.on_behalf_token(self._link.meeting_number))
