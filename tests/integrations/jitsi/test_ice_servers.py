"""STUN and TURN servers on their way into aiortc."""

from __future__ import annotations

import pytest
from aiortc import RTCPeerConnection

from eyeline.integrations.jitsi.ice_servers import report_relay, rtc_configuration
from eyeline.integrations.jitsi.services import IceServer
from eyeline.integrations.jitsi.transport import Candidate

HOST = Candidate("1", 1, "udp", 1, "192.0.2.2", 1000, "host")
RELAY = Candidate("2", 1, "udp", 1, "203.0.113.5", 1000, "relay")
TURN = IceServer("turn:turn.test:3478?transport=udp", "u", "p")


async def test_without_servers_no_public_one_is_asked() -> None:
    connection = RTCPeerConnection(rtc_configuration(()))
    gatherer = connection.addTransceiver("audio").receiver.transport.transport.iceGatherer
    assert gatherer._connection.stun_server is None
    assert gatherer._connection.turn_server is None
    await connection.close()


async def test_the_first_of_each_kind_is_used() -> None:
    servers = (IceServer("stun:stun.test:3478"), TURN, IceServer("turns:turn.test:443?transport=tcp", "u2", "p2"))
    connection = RTCPeerConnection(rtc_configuration(servers))
    gatherer = connection.addTransceiver("audio").receiver.transport.transport.iceGatherer
    assert gatherer._connection.stun_server == ("stun.test", 3478)
    assert gatherer._connection.turn_server == ("turn.test", 3478)
    assert gatherer._connection.turn_username == "u"
    await connection.close()


def test_what_aiortc_cannot_read_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    servers = (IceServer("stun:[2001:db8::1]:3478"), IceServer("gopher:x"), TURN)
    configured = rtc_configuration(servers).iceServers or []
    assert [server.urls for server in configured] == [TURN.url]
    assert "gopher:x" in caplog.text


def test_a_turn_server_that_gives_no_relay_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    report_relay([TURN], [HOST, RELAY])
    report_relay([IceServer("stun:stun.test:3478")], [HOST])
    assert caplog.text == ""
    report_relay([TURN], [HOST])
    assert "turn.test" in caplog.text
    assert "gave no relay" in caplog.text
