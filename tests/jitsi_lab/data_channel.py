"""The bridge's end of a data channel: SCTP over the DTLS of the media path (RFC 8831).

As the Jitsi Videobridge: it never begins the association and never opens a channel. It takes one channel in the life of
a session, counts it for ever, and answers a second one with silence. What is not text it does not understand.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiortc import InvalidStateError, RTCDataChannel, RTCDtlsTransport, RTCSctpCapabilities, RTCSctpTransport

SCTP_PORT = 5000
PROTOCOL = "http://jitsi.org/protocols/colibri"
MAX_CHANNELS = 1
MAX_MESSAGE_BYTES = 262_144

Opened = Callable[["DataChannel"], Awaitable[None]]


class _Listening(RTCSctpTransport):
    """aiortc begins associations on both sides; the bridge only answers."""

    async def _init(self) -> None:
        return


class DataChannel:
    """One that a member opened; a `BridgeChannel`."""

    def __init__(self, channel: RTCDataChannel, complain: Callable[[str], None]) -> None:
        self._channel = channel
        self._complain = complain
        self._texts: asyncio.Queue[str | None] = asyncio.Queue()
        channel.on("message", self._take)
        channel.on("close", lambda: self._texts.put_nowait(None))

    def _take(self, data: str | bytes) -> None:
        if not isinstance(data, str):
            self._complain(f"a message that is not text: {data[:40]!r}")
        elif len(data.encode()) > MAX_MESSAGE_BYTES:
            self._complain(f"a message of {len(data)} characters")
        else:
            self._texts.put_nowait(data)

    async def read(self) -> str | None:
        """The next text, or `None` when the association is over."""
        return await self._texts.get()

    async def send(self, colibri_class: str, **fields: Any) -> None:
        """Send one message; lost when the channel is closing."""
        try:
            self._channel.send(json.dumps({"colibriClass": colibri_class} | fields))
        except InvalidStateError:
            return

    async def close(self) -> None:
        """Nothing: the bridge has no farewell on a data channel."""

    def abort(self) -> None:
        """Have the association end on our side alone, with SCTP's ABORT."""
        self._ending = asyncio.ensure_future(self._channel.transport.stop())


class DataChannelEnd:
    """What a session has for data channels, from its allocation on.

    Args:
        dtls: Of the media path.
        opened: Serves the one channel that a member may open.
        complain: Takes what a correct client would not have done.
    """

    def __init__(self, dtls: RTCDtlsTransport, *, opened: Opened, complain: Callable[[str], None]) -> None:
        self._opened = opened
        self._complain = complain
        self._count = 0
        self._serving: asyncio.Task[None] | None = None
        self._sctp = _Listening(dtls, SCTP_PORT)
        self._sctp.on("datachannel", self._on_channel)

    async def listen(self) -> None:
        """Answer who begins an association, as soon as there is DTLS to do so on."""
        await self._sctp.start(RTCSctpCapabilities(MAX_MESSAGE_BYTES), SCTP_PORT)

    def _on_channel(self, channel: RTCDataChannel) -> None:
        self._count += 1
        if self._count > MAX_CHANNELS:
            self._complain("another data channel is opened; the bridge takes one in a session")
            return
        if channel.protocol != PROTOCOL:
            self._complain(f"a channel of the protocol {channel.protocol!r}")
        if not channel.ordered or channel.maxRetransmits is not None or channel.maxPacketLifeTime is not None:
            self._complain("a channel that may lose or swap messages")
        self._serving = asyncio.ensure_future(self._opened(DataChannel(channel, self._complain)))

    async def close(self) -> None:
        """Forget the channel; the association ends with the media path."""
        if self._serving is not None:
            self._serving.cancel()
            await asyncio.gather(self._serving, return_exceptions=True)
