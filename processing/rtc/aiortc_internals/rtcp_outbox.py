"""RTCP that a receiver sends, from wherever it has something to say."""

# ruff: noqa: SLF001

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import Final

from aiortc import RTCDtlsTransport
from aiortc.rtp import AnyRtcpPacket

logger = logging.getLogger(__name__)

_MOST: Final = 64  # more than wait when sending is held up are out of date


class RtcpOutbox:
    """Sends packets in their order, by one task of its owner. Used in one event loop.

    Args:
        transport: What they are sent by.
    """

    def __init__(self, transport: RTCDtlsTransport) -> None:
        self._transport = transport
        self._waiting: deque[AnyRtcpPacket] = deque(maxlen=_MOST)
        self._filled = asyncio.Event()

    def put(self, packet: AnyRtcpPacket) -> None:
        """Have a packet sent soon."""
        self._waiting.append(packet)
        self._filled.set()

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            await self._filled.wait()
            self._filled.clear()
            while self._waiting:
                try:
                    await self._transport._send_rtp(bytes(self._waiting.popleft()))
                except ConnectionError:
                    logger.debug("no connection for feedback")
                except Exception:
                    logger.exception("feedback cannot be sent")
