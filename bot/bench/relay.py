"""A path between two WebRTC peers on one machine that loses, delays and throttles, without any privilege.

Each peer is told the relay's address in place of the other's. What the relay does to a packet is told from its first
byte (RFC 7983): handshakes pass unharmed, RTP and RTCP get the weather.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

from eyeline.bot.bench.errors import BenchError

_CANDIDATE: Final = re.compile(r"a=candidate:\S+ \d+ udp \d+ (\d+\.\d+\.\d+\.\d+) (\d+) typ host", re.IGNORECASE)
_MEDIA: Final = range(128, 192)
_OVERHEAD_BYTES: Final = 28  # IP and UDP


@dataclass(frozen=True, slots=True)
class Weather:
    """What happens to each packet of media, in either direction.

    Args:
        loss: Chance of losing it, 0 to 1.
        delay_s: One way.
        rate_bps: What fits through; `None` for anything.
        queue_s: How long a packet waits for its turn at most; then it is dropped.
    """

    loss: float = 0.0
    delay_s: float = 0.0
    rate_bps: float | None = None
    queue_s: float = 0.3


class Bottleneck:
    """One direction of a path: says when a packet comes out, or that it never does. A queue of bounded length.

    Args:
        weather: May be changed at any time.
        seed: Of the chance.
    """

    def __init__(self, weather: Weather, seed: int) -> None:
        self.weather = weather
        self.passed = 0
        self.lost = 0
        self._random = random.Random(seed)  # noqa: S311 (the same weather in every run)
        self._free_at_s = 0.0

    def delay_s(self, size_bytes: int, now_s: float) -> float | None:
        """How long a packet takes that comes now; `None` if it is lost."""
        weather = self.weather
        queue_s = self._queue_s(size_bytes, now_s)
        if queue_s is None or self._random.random() < weather.loss:
            self.lost += 1
            return None
        self.passed += 1
        return queue_s + weather.delay_s

    def _queue_s(self, size_bytes: int, now_s: float) -> float | None:
        if self.weather.rate_bps is None:
            return 0.0
        begin_s = max(now_s, self._free_at_s)
        if begin_s - now_s > self.weather.queue_s:
            return None
        self._free_at_s = begin_s + (size_bytes + _OVERHEAD_BYTES) * 8 / self.weather.rate_bps
        return self._free_at_s - now_s


class _Port(asyncio.DatagramProtocol):
    def __init__(self, relay: Relay, side: int) -> None:
        self._relay = relay
        self._side = side

    def datagram_received(self, data: bytes, _: tuple[str | Any, int]) -> None:
        self._relay.pass_on(self._side, data)


class Relay:
    """The path; an async context manager. The first peer is the one that offers.

    Args:
        weather: In both directions, until it is changed.
        seed: Of the chance.

    Attributes:
        directions: From the first peer to the second, and back.
    """

    def __init__(self, weather: Weather, *, seed: int = 1) -> None:
        self.directions = (Bottleneck(weather, seed), Bottleneck(weather, seed + 1))
        self._ports: list[asyncio.DatagramTransport] = []
        self._peers: list[tuple[str, int] | None] = [None, None]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for port in self._ports:
            port.close()

    def change(self, weather: Weather) -> None:
        """Another weather from now on."""
        for direction in self.directions:
            direction.weather = weather

    async def offered(self, sdp: str) -> str:
        """The first peer's offer as the second one is to see it.

        Raises:
            BenchError: The peer has no address that WebRTC could use.
        """
        address = _host_candidate(sdp)[0]
        loop = asyncio.get_running_loop()
        for side in range(2):
            port, _ = await loop.create_datagram_endpoint(lambda side=side: _Port(self, side), (address, 0))  # type: ignore[misc]
            self._ports.append(port)
        return self._through(0, sdp)

    def answered(self, sdp: str) -> str:
        """The second peer's answer as the first one is to see it.

        Raises:
            BenchError: The peer has no address that WebRTC could use.
        """
        return self._through(1, sdp)

    def pass_on(self, side: int, data: bytes) -> None:
        """Something came to the port that stands for the peer of this side."""
        target = self._peers[side]
        if target is None:
            return
        delay_s: float | None = 0.0
        if data[0] in _MEDIA:
            delay_s = self.directions[1 - side].delay_s(len(data), time.monotonic())
        if delay_s is None:
            return
        if delay_s:
            asyncio.get_running_loop().call_later(delay_s, self._send, 1 - side, data, target)
        else:
            self._send(1 - side, data, target)

    def _send(self, side: int, data: bytes, target: tuple[str, int]) -> None:
        if not self._ports[side].is_closing():
            self._ports[side].sendto(data, target)

    def _through(self, side: int, sdp: str) -> str:
        """What a peer says of itself, with the relay's address in place of its own."""
        self._peers[side] = _host_candidate(sdp)
        address, port = self._ports[side].get_extra_info("sockname")[:2]
        lines = []
        for line in sdp.splitlines():
            if line.startswith("a=candidate:"):
                if _CANDIDATE.match(line):
                    lines.append(f"a=candidate:1 1 udp 2130706431 {address} {port} typ host")
            else:
                lines.append(line)
        return "\r\n".join(lines) + "\r\n"


def _host_candidate(sdp: str) -> tuple[str, int]:
    """The address of the first media line, which carries all others (BUNDLE)."""
    found = _CANDIDATE.search(sdp)
    if found is None:
        raise BenchError(
            "This machine has no network address that WebRTC could use.",
            hint="Connect it to any network; nothing leaves the machine.",
        )
    return found[1], int(found[2])
