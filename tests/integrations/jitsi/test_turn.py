"""Media through a real coturn, by every way that it offers. The direct way is not taken: only relays are allowed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from coturn_process import Coturn, has_coturn, running_coturn
from jitsi.listening import Joined
from jitsi.scripted_server import self_signed_context
from jitsi_lab.addresses import local_media_address
from jitsi_lab.deployment import JitsiLab
from jitsi_lab.tracks import PlainPicture
from jitsi_lab.waiting import eventually
from jitsi_lab.watcher import Watcher
from ports import free_port
from prosody_process import has_prosody

from eyeline.integrations.events import MediaConnected, MediaLost
from eyeline.integrations.jitsi.services import IceServer
from eyeline.integrations.jitsi.turn_route import reachable_servers

ROOM = "Daily"


@pytest.fixture
def address() -> str:
    found = local_media_address()
    if found is None or not has_prosody() or not has_coturn():
        pytest.skip("needs Prosody, coturn (apt install prosody coturn) and a network address besides loopback")
    return found


@asynccontextmanager
async def lab(folder: Path, address: str, services: str) -> AsyncIterator[JitsiLab]:
    place = folder / "prosody"
    place.mkdir()
    async with JitsiLab(place, address, restart_interval_s=0.0, services=services) as running:
        yield running


async def is_seen(running: JitsiLab, **options: object) -> None:
    async with Watcher(running, ROOM) as watcher:
        picture = PlainPicture((40, 200, 60))
        async with Joined(running.url(ROOM), video=picture, relay_only=True, **options) as ann:
            await ann.events.next(MediaConnected)
            assert (await watcher.frame(60, of=ann.nick)).shape[2] == 3
        await eventually(lambda: watcher.media_state == "closed", what="the end of the session")


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_media_go_through_the_relay(tmp_path: Path, address: str, transport: str) -> None:
    async with running_coturn(tmp_path, address) as coturn:
        async with lab(tmp_path, address, coturn.service("turn", transport)) as running:
            await is_seen(running)
        assert "ALLOCATE processed, success" in coturn.log()


async def test_where_udp_is_blocked_the_relay_is_reached_by_tcp(tmp_path: Path, address: str) -> None:
    async with running_coturn(tmp_path, address, udp=False) as coturn:
        services = coturn.service("turn", "udp") + coturn.service("turn", "tcp")
        async with lab(tmp_path, address, services) as running:
            await is_seen(running)


async def test_where_only_tls_passes_the_relay_is_reached_by_tls(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, certificate = self_signed_context(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with running_coturn(tmp_path, address, certificate=(certificate, tmp_path / "key.pem")) as coturn:
        blocked = Coturn(free_port(), coturn.tls_port, tmp_path)
        services = blocked.service("turn", "udp") + blocked.service("turn", "tcp") + blocked.service("turns", "tcp")
        async with lab(tmp_path, address, services) as running:
            await is_seen(running)


async def test_a_wrong_login_at_the_relay_is_told(
    tmp_path: Path, address: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eyeline.integrations.jitsi.media.MediaSession.connected.__defaults__", (1.0,))
    with caplog.at_level(logging.WARNING):
        async with (
            running_coturn(tmp_path, address) as coturn,
            lab(tmp_path, address, coturn.service("turn", "udp", password="wrong")) as running,
            Watcher(running, ROOM) as watcher,
        ):
            async with Joined(running.url(ROOM), relay_only=True) as ann:
                await ann.events.next(MediaLost)
            await eventually(lambda: watcher.media_state == "closed", what="the end of the session")
    assert "gave no relay" in caplog.text
    assert 'wrong"' not in caplog.text


async def test_a_relay_without_a_trusted_certificate_is_left_out(
    tmp_path: Path, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    _, certificate = self_signed_context(tmp_path)
    with caplog.at_level(logging.INFO):
        async with running_coturn(tmp_path, address, certificate=(certificate, tmp_path / "key.pem")) as coturn:
            server = IceServer(f"turns:127.0.0.1:{coturn.tls_port}?transport=tcp", "eyeline", "secret")
            assert await reachable_servers([server]) == ()
    assert "self-signed" in caplog.text or "self signed" in caplog.text
    assert "secret" not in caplog.text


async def test_takes_the_cheapest_that_answers(tmp_path: Path, address: str) -> None:
    async with running_coturn(tmp_path, address) as coturn:
        stun = IceServer(f"stun:127.0.0.1:{coturn.port}")
        udp = IceServer(f"turn:127.0.0.1:{coturn.port}?transport=udp", "a", "b")
        tcp = IceServer(f"turn:127.0.0.1:{coturn.port}?transport=tcp", "a", "b")
        silent = IceServer(f"turn:127.0.0.1:{free_port()}?transport=udp", "a", "b")
        assert await reachable_servers([stun, udp, tcp]) == (stun, udp)
        assert await reachable_servers([silent, tcp]) == (tcp,)
        assert await reachable_servers([silent, IceServer("turn:[::1]:1"), IceServer("stun:nowhere.invalid:1")]) == ()
        assert await reachable_servers([]) == ()


async def test_who_was_silent_is_hardly_waited_for_the_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A relay that answers by TCP alone, as where UDP is blocked; the wait for the other is as long as the test."""
    monkeypatch.setattr("eyeline.integrations.jitsi.turn_route.UDP_TIMEOUT_S", 3.0)
    listening = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    deaf, _ = await asyncio.get_running_loop().create_datagram_endpoint(asyncio.DatagramProtocol, ("127.0.0.1", 0))
    port = listening.sockets[0].getsockname()[1]
    udp = IceServer(f"turn:127.0.0.1:{deaf.get_extra_info('sockname')[1]}?transport=udp", "a", "b")
    tcp = IceServer(f"turn:127.0.0.1:{port}?transport=tcp", "a", "b")
    silent: set[str] = set()
    try:
        assert await reachable_servers([udp, tcp], silent) == (tcp,)
        assert silent == {udp.url}
        monkeypatch.setattr("eyeline.integrations.jitsi.turn_route.UDP_TIMEOUT_S", 3600.0)
        async with asyncio.timeout(60):
            assert await reachable_servers([udp, tcp], silent) == (tcp,)
            assert await reachable_servers([udp], silent) == ()
        assert silent == {udp.url}
    finally:
        deaf.close()
        listening.close()


async def test_who_was_silent_and_answers_again_is_taken(tmp_path: Path, address: str) -> None:
    async with running_coturn(tmp_path, address) as coturn:
        udp = IceServer(f"turn:127.0.0.1:{coturn.port}?transport=udp", "a", "b")
        silent = {udp.url}
        async with asyncio.timeout(60):
            while await reachable_servers([udp], silent) != (udp,):  # a busy machine may answer too late for once
                pass
        assert silent == set()


async def test_silence_costs_little() -> None:
    """A server that drops packets: nothing comes back, not even a refusal."""

    class Deaf(asyncio.DatagramProtocol):
        pass

    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Deaf, local_addr=("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    try:
        async with asyncio.timeout(60):
            assert await reachable_servers([IceServer(f"stun:127.0.0.1:{port}")]) == ()
    finally:
        transport.close()
