"""The bridge channel by a WebRTC data channel (RFC 8831), inside the connection that carries the media.

The bridge waits for the association and for the channel; both are ours to open. It takes one channel in the life of a
session and never forgets it, so a lost one cannot be opened again: only another session brings another.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from aiortc import InvalidStateError, RTCDataChannel

from eyeline.integrations.jitsi.bridge_link import Attempt, Say

logger = logging.getLogger(__name__)

LABEL = "JVB data channel"
PROTOCOL = "http://jitsi.org/protocols/colibri"
_OPEN_S = 30.0  # ICE, DTLS and SCTP have to come first


class BridgeDataChannel:
    """A `BridgeLink`.

    Args:
        create: Makes the channel on a connection whose offer had one: of a label, with a protocol.
        timeout_s: How long it may take to open.
    """

    name = "data channel"

    def __init__(self, create: Callable[[str, str], RTCDataChannel], timeout_s: float = _OPEN_S) -> None:
        self._create = create
        self._timeout_s = timeout_s
        self._used = False

    async def carry(self, opened: Callable[[Say], Awaitable[None]], heard: Callable[[str], None]) -> Attempt:
        """See `BridgeLink`. The channel itself is left to end with its connection: the bridge knows no other end."""
        if self._used:
            return Attempt.ABSENT
        self._used = True
        try:
            channel = self._create(LABEL, PROTOCOL)
        except InvalidStateError:
            return Attempt.ABSENT
        open_, closed = asyncio.Event(), asyncio.Event()
        channel.on("open", open_.set)
        channel.on("close", closed.set)
        channel.on("message", lambda data: _take(data, heard))
        try:
            async with asyncio.timeout(self._timeout_s):
                await open_.wait()
        except TimeoutError:
            logger.info("The data channel to the bridge did not open within %.0f s", self._timeout_s)
            return Attempt.ABSENT

        async def say(text: str) -> None:
            with contextlib.suppress(InvalidStateError, ConnectionError):
                channel.send(text)

        await opened(say)
        await closed.wait()
        logger.info("The data channel to the bridge is closed")
        return Attempt.BROKEN


def _take(data: str | bytes, heard: Callable[[str], None]) -> None:
    if isinstance(data, str):
        heard(data)
    else:
        logger.warning("The bridge sent a frame that is not text; it is dropped")
