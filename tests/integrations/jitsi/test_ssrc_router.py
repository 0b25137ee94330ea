"""The router that replaces aiortc's: whether it still fits, and what it lets in."""

from __future__ import annotations

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpReceiver
from aiortc.rtp import RtpPacket

from eyeline.integrations.events import MediaKind
from eyeline.integrations.jitsi.sources import Source
from eyeline.integrations.jitsi.ssrc_router import SsrcRouter


def packet(ssrc: int, payload_type: int = 100) -> RtpPacket:
    made = RtpPacket(payload_type=payload_type)
    made.ssrc = ssrc
    return made


async def test_it_fits_into_this_version_of_aiortc() -> None:
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    transport = connection.addTransceiver("video").receiver.transport
    router = SsrcRouter.install(transport)
    assert transport._rtp_router is router
    router.register_receiver(connection.getReceivers()[0], [1], [100])
    with pytest.raises(RuntimeError, match="in use already"):
        SsrcRouter.install(transport)
    await connection.close()


async def test_only_what_was_announced_is_let_in() -> None:
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    first, second = (_receiver(connection) for _ in range(2))
    router = SsrcRouter()
    router.register_receiver(first, [1], [100, 96])
    router.announce(Source("a", "a-v0", 1, 11, MediaKind.VIDEO))
    assert router.route_rtp(packet(1)) is first
    assert router.route_rtp(packet(11, 96)) is first
    assert router.route_rtp(packet(2)) is None
    router.register_receiver(second, [2], [100, 96])
    router.announce(Source("b", "b-v0", 2, 12, MediaKind.VIDEO))
    assert router.route_rtp(packet(12, 96)) is second
    assert router.route_rtp(packet(11, 96)) is first
    router.withdraw(Source("a", "a-v0", 1, 11, MediaKind.VIDEO))
    router.unregister_receiver(first)
    assert router.route_rtp(packet(1)) is None
    assert router.route_rtp(packet(11, 96)) is None
    assert router.route_rtp(packet(2)) is second
    await connection.close()


def _receiver(connection: RTCPeerConnection) -> RTCRtpReceiver:
    return connection.addTransceiver("video").receiver
