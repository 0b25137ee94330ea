"""A viewer that only counts what it gets: a real handshake, and then no decryption and no decoding."""

from __future__ import annotations

from types import TracebackType
from typing import Final, Self

from aiortc import RTCPeerConnection, RTCSessionDescription

from eyeline.bot.bench.relay import Relay, Weather

_RTP_HEADER_BYTES: Final = 12
_RTCP_TYPES: Final = range(192, 224)


class SilentRelay(Relay):
    """Counts RTP and keeps it to itself; handshakes and RTCP pass (RFC 5761, section 4).

    Attributes:
        packets: Counted.
        octets: Of their UDP payloads.
        frames: Packets with the marker, which ends a picture (its header is not encrypted).
    """

    def __init__(self) -> None:
        super().__init__(Weather())
        self.packets = 0
        self.octets = 0
        self.frames = 0

    def pass_on(self, side: int, data: bytes) -> None:
        """See `Relay.pass_on`."""
        if 128 <= data[0] < 192 and len(data) >= _RTP_HEADER_BYTES and data[1] not in _RTCP_TYPES:
            self.packets += 1
            self.octets += len(data)
            self.frames += data[1] >> 7
            return
        super().pass_on(side, data)


class CountingViewer:
    """The role: answers one offer."""

    async def __aenter__(self) -> Self:
        self._relay = SilentRelay()
        self._connection = RTCPeerConnection()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._connection.close()
        await self._relay.__aexit__(kind, error, trace)

    async def answer(self, sdp: str) -> str:
        """The answer to an offer."""
        await self._connection.setRemoteDescription(RTCSessionDescription(await self._relay.offered(sdp), "offer"))
        await self._connection.setLocalDescription(await self._connection.createAnswer())
        return self._relay.answered(self._connection.localDescription.sdp)

    async def counted(self) -> dict[str, int]:
        """Packets, octets and frames so far."""
        relay = self._relay
        return {"packets": relay.packets, "octets": relay.octets, "frames": relay.frames}
