"""From a URL to a logged-in stream, and the request that opens the room."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

from eyeline.config.errors import NetworkError, UsageError
from eyeline.integrations.errors import NotAMeetingServerError, UnreachableError
from eyeline.integrations.jitsi.deployment import DeploymentOverrides, discover
from eyeline.integrations.jitsi.focus import ConferenceRequest
from eyeline.integrations.jitsi.jid import Jid
from eyeline.integrations.jitsi.negotiation import Login
from eyeline.integrations.jitsi.place import Place
from eyeline.integrations.jitsi.sasl import Account
from eyeline.integrations.jitsi.url import JitsiUrl, is_loopback
from eyeline.integrations.jitsi.xmpp import XmppStream

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Connection:
    """What a membership stands on.

    Args:
        http: Trusts the right certificates, keeps the cookies that pin us to one shard.
        stream: Logged in.
        request: To be asked before the room is joined.
        domain: Of the deployment's own services.
    """

    http: aiohttp.ClientSession
    stream: XmppStream
    request: ConferenceRequest
    domain: str


async def connect(
    url: JitsiUrl,
    overrides: DeploymentOverrides | None,
    trust: ssl.SSLContext | bool,
    stack: AsyncExitStack,
    *,
    place: Place,
    account: Account | None = None,
    on_connection: Callable[[bool], None] = lambda _: None,
) -> Connection:
    """Discover the deployment and log in. What was opened is closed by `stack`.

    Args:
        url: Of the room.
        overrides: What is known better than `config.js`.
        trust: As aiohttp takes it.
        stack: Closes what was opened.
        place: Where we belong.
        account: To log in with, or `None` for a guest.
        on_connection: As in `XmppStream`.

    Raises:
        NetworkError: The server cannot be reached or is none.
        LoginError: The server wants an account or refused the token.
    """
    jar = aiohttp.CookieJar(unsafe=True)  # "unsafe" keeps cookies of hosts that are addresses: they pin us to a shard
    connector = aiohttp.TCPConnector(ssl=trust)
    http = await stack.enter_async_context(aiohttp.ClientSession(connector=connector, cookie_jar=jar))
    deployment = await discover(url, http, overrides)
    stream_urls = deployment.stream_urls(url)
    login = Login(
        deployment.login_domain(is_known=bool(url.token) or account is not None),
        bool(url.token),
        account=account,
        encrypted=all(is_private(each) for each in stream_urls),
        resource=place.resource if account is not None else "",
        resumable=place.resumable,
    )
    stream = await _first_stream(stream_urls, login, http, on_connection, stack)
    request = ConferenceRequest(
        room=place.room or deployment.room(url),
        stream=stream,
        focus=Jid.parse(deployment.focus),
        http=http,
        http_url=deployment.request_url(url),
        token=url.token,
        has_account=account is not None,
    )
    return Connection(http, stream, request, deployment.domain)


async def _first_stream(
    urls: Sequence[str],
    login: Login,
    http: aiohttp.ClientSession,
    on_connection: Callable[[bool], None],
    stack: AsyncExitStack,
) -> XmppStream:
    """The first that opens; what went wrong with the best one is what a person is told."""
    failure: NetworkError | None = None
    for url in urls:
        try:
            return await stack.enter_async_context(XmppStream(url, login, http=http, on_connection=on_connection))
        except (NotAMeetingServerError, UnreachableError) as error:
            logger.info("no stream by %s: %s", urlsplit(url).scheme, error.message)
            failure = failure or error
    raise failure or NotAMeetingServerError("The server names no address for XMPP.")


def is_private(url: str) -> bool:
    """Whether nobody can listen in: the way is encrypted, or it does not leave this machine."""
    parts = urlsplit(url)
    return parts.scheme in ("wss", "https") or is_loopback(parts.hostname or "")


async def tls(ca_file: Path | None, *, insecure: bool = False) -> ssl.SSLContext | bool:
    """Whom to trust: the certificates in a file, or the system's; anybody, where that was asked for.

    Raises:
        UsageError: The file cannot be read or holds no certificates.
    """
    if insecure:
        return False
    if ca_file is None:
        return True
    try:
        return await asyncio.to_thread(ssl.create_default_context, cafile=ca_file)
    except OSError as error:
        raise UsageError(
            f"The CA file {ca_file} cannot be used: {error.strerror or error}.", hint="It must be in PEM form."
        ) from error
