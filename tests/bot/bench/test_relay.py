"""The path between two peers: losses, delay and a bottleneck."""

from __future__ import annotations

import asyncio
import time

import pytest

from eyeline.bot.bench.errors import BenchError
from eyeline.bot.bench.relay import Bottleneck, Relay, Weather

RTP = b"\x80\x60" + bytes(98)
STUN = b"\x00\x01" + bytes(98)


def test_so_much_is_lost() -> None:
    path = Bottleneck(Weather(loss=0.05, delay_s=0.025), seed=3)
    delays = [path.delay_s(1200, 0.0) for _ in range(10_000)]
    assert 0.04 < delays.count(None) / len(delays) < 0.06
    assert {delay for delay in delays if delay is not None} == {0.025}
    assert path.lost + path.passed == 10_000


def test_a_bottleneck_queues_and_then_drops() -> None:
    """1 Mbit/s: 972 bytes and headers take 8 ms, and more than 0.1 s is not waited."""
    path = Bottleneck(Weather(rate_bps=1_000_000, queue_s=0.1), seed=1)
    delays = [path.delay_s(972, 50.0) for _ in range(20)]
    assert delays[:3] == [pytest.approx(0.008), pytest.approx(0.016), pytest.approx(0.024)]
    assert delays[12] == pytest.approx(0.104)
    assert delays[14:] == [None] * 6
    assert path.delay_s(972, 51.0) == pytest.approx(0.008)


def test_the_weather_changes() -> None:
    relay = Relay(Weather())
    relay.change(Weather(loss=1.0))
    assert [direction.delay_s(100, 0.0) for direction in relay.directions] == [None, None]


class Peer(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.got: list[tuple[bytes, float]] = []
        self.has_two = asyncio.Event()

    def datagram_received(self, data: bytes, _: object) -> None:
        self.got.append((data, time.monotonic()))
        if len(self.got) == 2:
            self.has_two.set()


async def peer() -> tuple[asyncio.DatagramTransport, Peer, str]:
    transport, protocol = await asyncio.get_running_loop().create_datagram_endpoint(Peer, ("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    lines = (
        "m=video 9 UDP/TLS/RTP/SAVPF 96",
        "a=candidate:6 1 udp 2130706431 fd00::2 5 typ host",
        f"a=candidate:7 1 udp 2130706431 127.0.0.1 {port} typ host",
        "a=end-of-candidates",
    )
    return transport, protocol, "\r\n".join(lines) + "\r\n"


def port_in(sdp: str) -> int:
    [candidate] = [line for line in sdp.splitlines() if line.startswith("a=candidate")]
    return int(candidate.split()[5])


async def test_media_is_delayed_and_handshakes_are_not() -> None:
    first, heard_by_first, offer = await peer()
    second, heard_by_second, answer = await peer()
    async with Relay(Weather(delay_s=0.2)) as relay:
        to_first = port_in(await relay.offered(offer))
        to_second = port_in(relay.answered(answer))
        begun_s = time.monotonic()
        first.sendto(RTP, ("127.0.0.1", to_second))
        first.sendto(STUN, ("127.0.0.1", to_second))
        second.sendto(STUN, ("127.0.0.1", to_first))
        await heard_by_second.has_two.wait()
    assert [data for data, _ in heard_by_second.got] == [STUN, RTP]
    assert heard_by_second.got[1][1] - begun_s >= 0.2
    assert [data for data, _ in heard_by_first.got] == [STUN]
    first.close()
    second.close()


async def test_a_peer_without_an_address_is_an_error() -> None:
    async with Relay(Weather()) as relay:
        with pytest.raises(BenchError, match="no network address"):
            await relay.offered("m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=end-of-candidates\r\n")
