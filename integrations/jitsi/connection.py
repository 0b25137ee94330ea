"""From a URL to a logged-in stream, and the request that opens the room."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from eyeline.config.errors import UsageError
from eyeline.integrations.jitsi.deployment import DeploymentOverrides, discover
from eyeline.integrations.jitsi.focus import ConferenceRequest
from eyeline.integrations.jitsi.jid import Jid
from eyeline.integrations.jitsi.negotiation import Login
from eyeline.integrations.jitsi.url import JitsiUrl
from eyeline.integrations.jitsi.xmpp import XmppStream


@dataclass(frozen=True, slots=True)
class Connection:
    """What a membership stands on.

    Args:
        http: Trusts the right certificates, keeps the cookies that pin us to one shard.
        stream: Logged in.
        request: To be asked before the room is joined.
    """

    http: aiohttp.ClientSession
    stream: XmppStream
    request: ConferenceRequest


async def connect(
    url: JitsiUrl, overrides: DeploymentOverrides | None, trust: ssl.SSLContext | bool, stack: AsyncExitStack
) -> Connection:
    """Discover the deployment and log in. What was opened is closed by `stack`.

    Raises:
        NetworkError: The server cannot be reached or is none.
        LoginError: The server wants an account or refused the token.
    """
    http = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trust)))
    deployment = await discover(url, http, overrides)
    has_token = bool(url.token)
    login = Login(deployment.login_domain(has_token=has_token), has_token)
    stream = await stack.enter_async_context(XmppStream(deployment.stream_url(url), login, http=http))
    request = ConferenceRequest(
        room=deployment.room(url),
        stream=stream,
        focus=Jid.parse(deployment.focus),
        http=http,
        http_url=deployment.conference_request_url,
        token=url.token,
    )
    return Connection(http, stream, request)


async def tls(ca_file: Path | None) -> ssl.SSLContext | bool:
    """Whom to trust: the certificates in a file, or the system's.

    Raises:
        UsageError: The file cannot be read or holds no certificates.
    """
    if ca_file is None:
        return True
    try:
        return await asyncio.to_thread(ssl.create_default_context, cafile=ca_file)
    except OSError as error:
        raise UsageError(
            f"The CA file {ca_file} cannot be used: {error.strerror or error}.", hint="It must be in PEM form."
        ) from error
