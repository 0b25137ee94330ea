"""The way of RTP packets from our sender to the socket, past aiortc's chain of calls."""

# ruff: noqa: SLF001

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aiortc import RTCDtlsTransport
from aiortc.rtcdtlstransport import State

from eyeline.processing.rtc.aiortc_check import gives_packets

_COMPONENT: Final = 1  # of ICE; RTP and RTCP share one


class PacketOutlet:
    """Encrypts packets that leave together and hands them to the socket, or to the relay that stands for it.

    aiortc asks for every packet, in five coroutines that never wait, whether there is a connection and which pair of
    addresses ICE chose. Here that is asked once for all of them.

    Args:
        transport: Of the connection.

    Attributes:
        send: Sends RTP packets in this order; raises `ConnectionError` when there is no connection, or none any more.
    """

    def __init__(self, transport: RTCDtlsTransport) -> None:
        self._transport = transport
        self.send = self._send_directly if gives_packets() else self._send_by_aiortc

    async def _send_by_aiortc(self, packets: Sequence[bytes]) -> None:
        for packet in packets:
            await self._transport._send_rtp(packet)

    async def _send_directly(self, packets: Sequence[bytes]) -> None:
        dtls = self._transport
        pair = dtls.transport._connection._nominated.get(_COMPONENT)
        if pair is None or dtls._state is not State.CONNECTED:
            raise ConnectionError("there is no connection to send RTP packets on")
        protect, sendto, octets = dtls._tx_srtp.protect, pair.protocol.transport.sendto, 0
        address = pair.remote_addr
        for packet in packets:
            encrypted = protect(packet)
            sendto(encrypted, address)  # what `StunProtocol.send_data` does; a relay may keep the bytes for a while
            octets += len(encrypted)
        self._count(len(packets), octets)

    def _count(self, packets: int, octets: int) -> None:
        """Keep the transport's statistics, as aiortc does for what goes its way."""
        counters = vars(self._transport)
        counters["_RTCDtlsTransport__tx_packets"] += packets
        counters["_RTCDtlsTransport__tx_bytes"] += octets
