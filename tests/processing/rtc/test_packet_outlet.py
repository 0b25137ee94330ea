"""The way of packets past aiortc's chain of calls, over real connections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from aiortc import RTCConfiguration, RTCDtlsTransport, RTCPeerConnection
from aiortc.rtcdtlstransport import State
from aiortc.rtp import RtpPacket
from aiortc.stats import RTCTransportStats
from jitsi_lab.addresses import local_media_address

from eyeline.processing.rtc.aiortc_internals import outlet as outlet_module
from eyeline.processing.rtc.aiortc_internals.outlet import PacketOutlet

pytestmark = pytest.mark.skipif(local_media_address() is None, reason="ICE finds no address on this machine")

PATIENCE_S = 60.0


class Ends:
    """Two connected transports; what the second one receives."""

    def __init__(self, first: RTCPeerConnection, second: RTCPeerConnection) -> None:
        self.outlet = PacketOutlet(transport(first))
        self.sending, self.receiving = transport(first), transport(second)
        self.received: list[bytes] = []

        async def take(data: bytes, arrival_time_ms: int) -> None:
            del arrival_time_ms
            self.received.append(data)

        self.receiving._handle_rtp_data = take

    def sent(self) -> tuple[int, int]:
        return counted(self.sending)[:2]

    async def has(self, packets: list[bytes]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while len(self.received) < len(packets):  # noqa: ASYNC110 (aiortc tells nobody)
                await asyncio.sleep(0.005)
        assert self.received == packets


def transport(connection: RTCPeerConnection) -> RTCDtlsTransport:
    return connection.getTransceivers()[0].sender.transport


def counted(of: RTCDtlsTransport) -> tuple[int, int, int, int]:
    stats = next(each for each in of._get_stats().values() if isinstance(each, RTCTransportStats))
    return stats.packetsSent, stats.bytesSent, stats.packetsReceived, stats.bytesReceived


def packets(count: int, begin: int = 0) -> list[bytes]:
    return [
        RtpPacket(97, 0, number, 3000, 4711, bytes((number,)) * (number * 60)).serialize()
        for number in range(begin, begin + count)
    ]


@asynccontextmanager
async def connected() -> AsyncIterator[Ends]:
    first, second = (RTCPeerConnection(RTCConfiguration(iceServers=[])) for _ in range(2))
    try:
        first.addTransceiver("video", "sendrecv")
        await first.setLocalDescription(await first.createOffer())
        await second.setRemoteDescription(first.localDescription)
        await second.setLocalDescription(await second.createAnswer())
        await first.setRemoteDescription(second.localDescription)
        await until(lambda: {first.connectionState, second.connectionState} == {"connected"})
        yield Ends(first, second)
    finally:
        await first.close()
        await second.close()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 (connections tell nobody)
            await asyncio.sleep(0.005)


async def test_another_aioice_is_used_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlet_module, "gives_packets", lambda: False)
    async with connected() as ends:
        ways: list[bytes] = []
        by_aiortc = ends.sending._send_rtp

        async def noted(packet: bytes) -> None:
            ways.append(packet)
            await by_aiortc(packet)

        ends.sending._send_rtp = noted
        await ends.outlet.send(packets(5))
        await ends.has(packets(5))
        assert ways == packets(5)


async def test_packets_arrive_in_order_as_they_were_and_none_waits() -> None:
    async with connected() as ends:
        sent = packets(20)
        sending = ends.outlet.send(sent[:8])
        with pytest.raises(StopIteration):
            sending.send(None)  # it is over without the event loop's turn
        await ends.outlet.send(sent[8:])
        await ends.has(sent)


async def test_the_transport_counts_them_as_it_does_its_own() -> None:
    async with connected() as ends:
        before, length = ends.sent(), len(packets(1, 7)[0])
        await ends.outlet.send(packets(1, 7) * 3)
        ours = [after - earlier for after, earlier in zip(ends.sent(), before, strict=True)]
        before = ends.sent()
        for packet in packets(1, 7) * 3:
            await ends.sending._send_rtp(packet)
        theirs = [after - earlier for after, earlier in zip(ends.sent(), before, strict=True)]
        assert ours == theirs
        assert ours[0] == 3
        assert ours[1] > 3 * length


class Relayed:
    """Stands where TURN's transport does, which is none of asyncio's and may keep what it is given."""

    def __init__(self, socket: asyncio.DatagramTransport) -> None:
        self._socket = socket
        self.kept: list[bytes] = []

    def sendto(self, data: bytes, address: tuple[str, int]) -> None:
        self.kept.append(data)
        asyncio.get_running_loop().call_soon(self._socket.sendto, data, address)


async def test_a_relay_gets_bytes_that_it_may_keep() -> None:
    async with connected() as ends:
        protocol = ends.sending.transport._connection._nominated[1].protocol
        socket = protocol.transport
        protocol.transport = relayed = Relayed(socket)
        before = ends.sent()[0]
        await ends.outlet.send(packets(5))
        await ends.has(packets(5))
        assert [type(each) for each in relayed.kept] == [bytes] * 5
        assert ends.sent()[0] - before == 5
        protocol.transport = socket


async def test_without_a_connection_it_is_told() -> None:
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    connection.addTransceiver("video")
    with pytest.raises(ConnectionError):
        await PacketOutlet(transport(connection)).send(packets(1))
    await connection.close()


async def test_after_the_end_of_the_connection_it_is_told() -> None:
    async with connected() as ends:
        await ends.outlet.send(packets(1))
        before = ends.sent()
        ends.sending._set_state(State.FAILED)  # the path is there still
        with pytest.raises(ConnectionError):
            await ends.outlet.send(packets(1))
        assert ends.sent() == before
