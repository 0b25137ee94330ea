"""The bridge channel by WebSocket, at an address that the offer names."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from ssl import SSLContext

import aiohttp

from eyeline.integrations.jitsi.bridge_link import Attempt, Say

logger = logging.getLogger(__name__)

_HANDSHAKE_S = 10.0
_HEARTBEAT_S = 15.0  # a half-open connection shows after one and a half of it
_CLOSE_S = 2.0
_MAX_FRAME_BYTES = 1024 * 1024  # beyond, aiohttp ends the connection; up to it, a frame is dropped alone


class BridgeSocket:
    """A `BridgeLink`.

    A bridge that has forgotten the conference answers with a status of 4xx or, behind some proxies, opens and closes
    before the first message.

    Args:
        url: Holds a password and is not logged.
        http: Not owned.
        ssl: What to trust, or `None` for the usual.
    """

    name = "WebSocket"

    def __init__(self, url: str, http: aiohttp.ClientSession, ssl: SSLContext | None = None) -> None:
        self._url = url
        self._http = http
        self._ssl = ssl

    async def carry(self, opened: Callable[[Say], Awaitable[None]], heard: Callable[[str], None]) -> Attempt:
        """See `BridgeLink`."""
        try:
            async with asyncio.timeout(_HANDSHAKE_S):
                socket = await self._http.ws_connect(
                    self._url,
                    ssl=True if self._ssl is None else self._ssl,
                    heartbeat=_HEARTBEAT_S,
                    max_msg_size=_MAX_FRAME_BYTES,
                    timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSE_S),
                )
        except aiohttp.WSServerHandshakeError as error:
            logger.info("The bridge channel was refused with status %d", error.status)
            return Attempt.REFUSED if 400 <= error.status < 500 else Attempt.FAILED
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            logger.info("The bridge channel did not open: %s", type(error).__name__)
            return Attempt.FAILED
        async with socket:
            return await _serve(socket, opened, heard)


async def _serve(
    socket: aiohttp.ClientWebSocketResponse, opened: Callable[[Say], Awaitable[None]], heard: Callable[[str], None]
) -> Attempt:
    async def say(text: str) -> None:
        with contextlib.suppress(ConnectionError, aiohttp.ClientError):
            await socket.send_str(text)

    await opened(say)
    attempt = Attempt.REFUSED
    async for frame in socket:
        attempt = Attempt.SERVED
        if frame.type is aiohttp.WSMsgType.TEXT:
            heard(frame.data)
        else:
            logger.warning("The bridge sent a frame that is not text; it is dropped")
    logger.info("The bridge channel closed with code %s", socket.close_code)
    return attempt
