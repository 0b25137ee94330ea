"""The way of RTP packets from our sender to the socket, past aiortc's chain of calls."""

# ruff: noqa: SLF001

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from aiortc import RTCDtlsTransport
from aiortc.rtcdtlstransport import State

_COMPONENT: Final = 1  # of ICE; RTP and RTCP share one


class PacketOutlet:
    """Encrypts packets that leave together and hands them to the socket.

    aiortc asks on every packet, in five coroutines, which pair of addresses ICE chose. Here that is asked once for all
    of them. Where the way is no plain UDP socket (a relay, maybe by TCP or TLS), each packet goes aiortc's way.

    Args:
        transport: Of the connection.
    """

    def __init__(self, transport: RTCDtlsTransport) -> None:
        self._transport = transport

    async def send(self, packets: Sequence[bytes]) -> None:
        """Send RTP packets in this order.

        Raises:
            ConnectionError: There is no connection, or none any more.
        """
        dtls = self._transport
        pair = dtls.transport._connection._nominated.get(_COMPONENT)
        socket = pair.protocol.transport if pair is not None else None
        if pair is None or dtls._state is not State.CONNECTED or not isinstance(socket, asyncio.BaseTransport):
            for packet in packets:
                await dtls._send_rtp(packet)
            return
        protect, sendto, address, octets = dtls._tx_srtp.protect, socket.sendto, pair.remote_addr, 0
        for packet in packets:
            encrypted = protect(packet)
            sendto(encrypted, address)
            octets += len(encrypted)
        self._count(len(packets), octets)

    def _count(self, packets: int, octets: int) -> None:
        """Keep the transport's statistics, as aiortc does for what goes its way."""
        counters = vars(self._transport)
        counters["_RTCDtlsTransport__tx_packets"] += packets
        counters["_RTCDtlsTransport__tx_bytes"] += octets
