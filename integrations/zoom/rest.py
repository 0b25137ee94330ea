"""The tokens that Zoom gives a user's program over its REST interface (OAuth 2.0, RFC 6750).

What Zoom answers is taken from its public documentation; it was never asked from here.
"""

from __future__ import annotations

import json
import logging
import re
import ssl
from http import HTTPStatus
from typing import Final, NoReturn
from urllib.parse import urlsplit

import aiohttp

from eyeline.config.redaction import redact_text
from eyeline.integrations.errors import ProtocolError, TokenError, TokenExpiredError, UnreachableError
from eyeline.integrations.http_errors import HTTP_ERRORS, network_error
from eyeline.integrations.zoom.errors import MissingScopeError, ZoomApiError, ZoomBusyError, ZoomCredentialsError

log = logging.getLogger(__name__)

TIME_LIMIT_S: Final = 15.0
MAX_ANSWER_BYTES: Final = 64 * 2**10

_PATH: Final = "/v2/users/me/token"
_SCOPES: Final = {"onbehalf": "user:read:token", "zak": "user:read:zak"}
_TOKEN: Final = re.compile(r"[\x21-\x7e]{1,8192}")
_NO_SCOPES: Final = re.compile(r"does not contain scopes:?\s*\[([\w:., -]{1,300})\]", re.IGNORECASE)
_MAX_WORDS_CHARS: Final = 200
_RENEW: Final = "Get a new one for the user (they last an hour), and write it to the file of zoom.access_token_file."


class ZoomApi:
    """Asks as one user. Keeps nothing, and each request has a connection of its own.

    Args:
        access_token: OAuth, of the user.
        base_url: `https://host[:port]`.
        trust: Whose certificates are trusted; `True` for the system's authorities.
        time_limit_s: For a request and its answer.
    """

    def __init__(
        self,
        access_token: str,
        *,
        base_url: str,
        trust: ssl.SSLContext | bool = True,
        time_limit_s: float = TIME_LIMIT_S,
    ) -> None:
        parts = urlsplit(base_url)
        if parts.scheme != "https" or not parts.hostname:
            raise ZoomCredentialsError("An access token is only shown to a server by https.", hint="See zoom.api_url.")
        if not _TOKEN.fullmatch(access_token):
            hint = "Copy it again, without blanks and quotes."
            raise ZoomCredentialsError("The access token for Zoom has signs that none can have.", hint=hint)
        self._access_token = access_token
        self._base_url = base_url.rstrip("/")
        self._host = parts.hostname
        self._trust = trust
        self._timeout = aiohttp.ClientTimeout(total=time_limit_s)

    async def on_behalf_token(self, meeting_number: int) -> str:
        """A token that joins this meeting beside the user. It is good once: to be fetched for every join.

        Raises:
            TokenError: Zoom does not know the access token, or not any more (`TokenExpiredError`).
            MissingScopeError: The access token is not for this.
            ZoomBusyError: Zoom wants to be left alone for a while.
            ZoomApiError: Zoom refused for another reason.
            NetworkError: Zoom cannot be reached, or answers strangely.
        """
        return await self._token({"type": "onbehalf", "meeting_id": str(meeting_number)})

    async def zak(self) -> str:
        """A token that joins as the user; good for two hours.

        Raises:
            EyelineError: As for `on_behalf_token`.
        """
        return await self._token({"type": "zak"})

    async def _token(self, query: dict[str, str]) -> str:
        status, retry_after, content = await self._get(query)
        answer = _json_object(content)
        if status != HTTPStatus.OK:
            self._refuse(status, retry_after, answer, query["type"])
        token = answer.get("token")
        if not isinstance(token, str) or not _TOKEN.fullmatch(token):
            raise ProtocolError(f"{self._host} answered, but with no token.", hint="Check zoom.api_url.")
        log.debug("Zoom gave a token (%s)", query["type"])
        return token

    async def _get(self, query: dict[str, str]) -> tuple[int, str, bytes]:
        """Status, `Retry-After` and at most so much of the body that a longer one is noticed."""
        headers = {"Authorization": f"Bearer {self._access_token}", "Accept": "application/json"}
        connector = aiohttp.TCPConnector(ssl=self._trust)
        try:
            async with (
                aiohttp.ClientSession(connector=connector, timeout=self._timeout) as http,
                # Followed, a redirect would show the token to another server.
                http.get(f"{self._base_url}{_PATH}", params=query, headers=headers, allow_redirects=False) as reply,
            ):
                content = await _limited(reply.content)
                retry_after = reply.headers.get("Retry-After", "")
        except HTTP_ERRORS as error:
            raise network_error(error, self._host) from None  # its text may hold headers
        if len(content) > MAX_ANSWER_BYTES:
            raise ProtocolError(f"{self._host} answered more than a token is long.", hint="Check zoom.api_url.")
        return reply.status, retry_after, content

    def _refuse(self, status: int, retry_after: str, answer: dict[str, object], kind: str) -> NoReturn:
        words = self._words(answer)
        said = f" It said: {words}" if words else ""
        scopes = _NO_SCOPES.search(words)
        if scopes or "does not contain scopes" in words:
            needed = scopes.group(1) if scopes else _SCOPES[kind]
            hint = f"Add {needed} to the app's scopes, and let the user allow the app again."
            raise MissingScopeError(f"The access token for Zoom lacks a scope: {needed}.", hint=hint)
        match status:
            case HTTPStatus.UNAUTHORIZED if "expired" in words.lower():
                raise TokenExpiredError("The access token for Zoom has expired.", hint=_RENEW)
            case HTTPStatus.UNAUTHORIZED:
                raise TokenError(f"Zoom does not know the access token.{said}", hint=_RENEW)
            case HTTPStatus.FORBIDDEN:
                hint = f"The app needs the scope {_SCOPES[kind]}, and the user must have allowed it."
                raise MissingScopeError(f"Zoom does not let this user's app do that.{said}", hint=hint)
            case HTTPStatus.NOT_FOUND:
                hint = "Check the meeting's number, and that the user is invited."
                raise ZoomApiError(f"Zoom knows no such user or meeting.{said}", hint=hint)
            case HTTPStatus.TOO_MANY_REQUESTS:
                wait_s = _seconds(retry_after)
                raise ZoomBusyError(
                    f"Zoom was asked too often.{said}",
                    hint=f"Try again in {wait_s:.0f} s." if wait_s is not None else "Try again later.",
                    retry_after_s=wait_s,
                )
            case _ if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                raise UnreachableError(
                    f"{self._host} has trouble of its own ({status}).{said}", hint="Try again later."
                )
            case _ if status < HTTPStatus.BAD_REQUEST:
                raise ProtocolError(f"{self._host} answered {status}, with no token.", hint="Check zoom.api_url.")
        raise ZoomApiError(f"Zoom refused to give a token ({status}).{said}", hint="See docs/zoom.md.")

    def _words(self, answer: dict[str, object]) -> str:
        """What Zoom says about it, on one line and without what we sent."""
        message = answer.get("message")
        text = " ".join(message.split()) if isinstance(message, str) and message.isascii() else ""
        return redact_text(text.replace(self._access_token, "…"))[:_MAX_WORDS_CHARS] if text.isprintable() else ""


async def _limited(stream: aiohttp.StreamReader) -> bytes:
    content = bytearray()
    while len(content) <= MAX_ANSWER_BYTES and (chunk := await stream.read(MAX_ANSWER_BYTES + 1 - len(content))):
        content += chunk
    return bytes(content)


def _json_object(content: bytes) -> dict[str, object]:
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _seconds(retry_after: str) -> float | None:
    """`Retry-After` as a pause (RFC 9110, section 10.2.3); a date, as Zoom's daily limits have it, is none."""
    return float(retry_after) if retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 7 else None
