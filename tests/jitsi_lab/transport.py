"""One member's media path at the bridge: ICE, DTLS and SRTP of aiortc without a peer connection.

The only file here that touches private names of aiortc 1.16: a relay needs packets as they are after decryption,
which the library hands to nobody.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from aiortc import (
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
    RTCIceCandidate,
    RTCIceGatherer,
    RTCIceParameters,
    RTCIceTransport,
)
from aiortc.exceptions import InvalidStateError

PacketSink = Callable[[bytes], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class TransportDescription:
    """What one side tells the other about its media path.

    Args:
        ufrag: ICE user fragment.
        password: ICE password.
        fingerprint: SHA-256 of the certificate, as `AB:CD:..`.
        setup: DTLS role (RFC 5763): `actpass`, `active` or `passive`.
        candidates: All addresses; none come later.
    """

    ufrag: str
    password: str
    fingerprint: str
    setup: str
    candidates: tuple[RTCIceCandidate, ...]


class _Relay(RTCDtlsTransport):
    """Hands decrypted packets over as bytes instead of routing them to receivers."""

    def __init__(self, ice: RTCIceTransport, on_rtp: PacketSink, on_rtcp: PacketSink) -> None:
        super().__init__(ice, [RTCCertificate.generateCertificate()])
        self._on_rtp = on_rtp
        self._on_rtcp = on_rtcp

    async def _handle_rtp_data(self, data: bytes, arrival_time_ms: int) -> None:
        await self._on_rtp(data)

    async def _handle_rtcp_data(self, data: bytes) -> None:
        await self._on_rtcp(data)


class MediaTransport:
    """The bridge's end of one media path.

    Args:
        address: To be reached at, of IPv4 or IPv6.
        on_rtp: Takes each RTP packet, decrypted.
        on_rtcp: Takes each compound RTCP packet, decrypted.
    """

    def __init__(self, address: str, on_rtp: PacketSink, on_rtcp: PacketSink) -> None:
        self._address = address
        self._gatherer = RTCIceGatherer(iceServers=[])
        # The bridge controls, as it made the offer; aiortc has no public way to say so.
        self._gatherer._connection.ice_controlling = True
        self._gatherer._connection._use_ipv6 = ":" in address
        self._gatherer._connection._use_ipv4 = ":" not in address
        self._ice = RTCIceTransport(self._gatherer)
        self._dtls = _Relay(self._ice, on_rtp, on_rtcp)

    @property
    def dtls(self) -> RTCDtlsTransport:
        """What a data channel goes over."""
        return self._dtls

    @property
    def connected(self) -> bool:
        """Whether packets can be sent."""
        return self._dtls.state == "connected"

    @property
    def state(self) -> str:
        """ICE and DTLS state in words, for a failing test."""
        return f"ICE {self._ice.state}, DTLS {self._dtls.state}"

    async def gather(self) -> TransportDescription:
        """Open the socket and describe this end."""
        await self._gatherer.gather()
        ice = self._gatherer.getLocalParameters()
        sha256 = next(f for f in self._dtls.getLocalParameters().fingerprints if f.algorithm == "sha-256")
        ours = tuple(c for c in self._gatherer.getLocalCandidates() if c.ip == self._address)
        return TransportDescription(str(ice.usernameFragment), str(ice.password), sha256.value, "actpass", ours)

    async def connect(self, remote: TransportDescription) -> None:
        """Run ICE and DTLS; `connected` tells whether that worked."""
        await self.add_candidates(remote.candidates)
        # No end of candidates: a member behind a NAT, or one that listed none, is found by its own checks.
        self._dtls._set_role("client" if remote.setup == "passive" else "server")
        with contextlib.suppress(InvalidStateError):  # closed before we came to it
            await self._ice.start(RTCIceParameters(remote.ufrag, remote.password))
        if self._ice.state == "completed":
            await self._dtls.start(RTCDtlsParameters([RTCDtlsFingerprint("sha-256", remote.fingerprint)]))

    async def add_candidates(self, candidates: Iterable[RTCIceCandidate]) -> None:
        """Learn more addresses of the member."""
        for candidate in candidates:
            await self._ice.addRemoteCandidate(candidate)

    async def send(self, packet: bytes) -> None:
        """Encrypt and send RTP or RTCP; lost when there is no connection, as UDP is."""
        if self.connected:
            try:
                await self._dtls._send_rtp(packet)
            except ConnectionError:
                return

    async def close(self) -> None:
        """Say goodbye and close."""
        await self._dtls.stop()
        await self.abort()

    async def abort(self) -> None:
        """Fall silent, as a killed process does."""
        pump = self._dtls._task
        if pump is not None:
            pump.cancel()
        await self._ice.stop()
        if pump is not None:
            await asyncio.gather(pump, return_exceptions=True)
