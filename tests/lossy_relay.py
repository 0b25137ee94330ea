"""A UDP relay between two peers in this process that loses, delays and reorders their media, by seed."""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from aiortc import RTCPeerConnection, RTCSessionDescription
from jitsi_lab.addresses import local_media_address

_CANDIDATE = re.compile(r"a=candidate:\S+ \d+ (\S+) \d+ (\S+) (\d+) typ (\S+)")


@dataclass(frozen=True, slots=True)
class Weather:
    """What the relay does to each packet of media; handshakes pass unharmed.

    Args:
        loss: Chance of losing it.
        delay_s: One way.
        jitter_s: Random delay on top, up to this; reorders.
        duplicates: Chance of sending it twice.
    """

    loss: float = 0.0
    delay_s: float = 0.025
    jitter_s: float = 0.0
    duplicates: float = 0.0


class _Port(asyncio.DatagramProtocol):
    def __init__(self, relay: LossyRelay, side: int) -> None:
        self._relay = relay
        self._side = side

    def datagram_received(self, data: bytes, _: tuple[str | Any, int]) -> None:
        self._relay.pass_on(self._side, data)


class LossyRelay:
    """Stands between two peers: each one sees the other at an address of the relay.

    Attributes:
        weather: May be changed at any time.
        lost: Packets lost, by direction: 0 from the first peer to the second.
        passed: Packets passed on.
    """

    def __init__(self, weather: Weather, *, seed: int = 1) -> None:
        self.weather = weather
        self.lost: Counter[int] = Counter()
        self.passed: Counter[int] = Counter()
        self._random = random.Random(seed)
        self._ports: list[asyncio.DatagramTransport] = []
        self._peers: list[tuple[str, int] | None] = [None, None]

    async def __aenter__(self) -> Self:
        address = local_media_address()
        assert address is not None
        loop = asyncio.get_running_loop()
        for side in range(2):
            transport, _ = await loop.create_datagram_endpoint(
                lambda side=side: _Port(self, side),  # type: ignore[misc]
                local_addr=(address, 0),
            )
            self._ports.append(transport)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for port in self._ports:
            port.close()

    async def connect(self, first: RTCPeerConnection, second: RTCPeerConnection) -> None:
        """Negotiate two peers, the first one offering, with the relay between them."""
        await first.setLocalDescription(await first.createOffer())
        offer = self._through(0, first.localDescription)
        await second.setRemoteDescription(offer)
        await second.setLocalDescription(await second.createAnswer())
        await first.setRemoteDescription(self._through(1, second.localDescription))

    def pass_on(self, side: int, data: bytes) -> None:
        """A peer sent something to its side of the relay; `side` is where the other peer is seen."""
        target, weather = self._peers[side], self.weather
        if target is None:
            return
        is_media = 127 < data[0] < 192
        direction = 1 - side
        if is_media and self._random.random() < weather.loss:
            self.lost[direction] += 1
            return
        self.passed[direction] += is_media
        copies = 1 + (is_media and self._random.random() < weather.duplicates)
        for _ in range(copies):
            delay_s = weather.delay_s + self._random.random() * weather.jitter_s
            asyncio.get_running_loop().call_later(delay_s, self._send, 1 - side, data, target)

    def _send(self, side: int, data: bytes, target: tuple[str, int]) -> None:
        if not self._ports[side].is_closing():
            self._ports[side].sendto(data, target)

    def _through(self, side: int, description: RTCSessionDescription) -> RTCSessionDescription:
        """What a peer says of itself, with the relay's address in place of its own."""
        address, port = self._ports[side].get_extra_info("sockname")[:2]
        lines = []
        for line in description.sdp.splitlines():
            found = _CANDIDATE.match(line)
            if found is None:
                lines.append(line)
            elif found[2] == address and found[4] == "host":
                if self._peers[side] is None:  # the first line's transport carries the bundle
                    self._peers[side] = (found[2], int(found[3]))
                lines.append(f"a=candidate:1 1 udp 2130706431 {address} {port} typ host")
        return RTCSessionDescription("\r\n".join(lines) + "\r\n", description.type)
