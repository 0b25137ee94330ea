"""Packets from the socket to the receiver, between two real peers, with datagrams in between that somebody forges."""

from __future__ import annotations

import asyncio
import logging
import random
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiortc import RTCConfiguration, RTCDtlsTransport, RTCPeerConnection
from aiortc.rtcdtlstransport import State
from aiortc.rtp import is_rtcp
from counted_pictures import CountedTrack
from jitsi_lab.addresses import local_media_address
from jitsi_lab.tracks import Tone
from lossy_relay import LossyRelay, Weather

from eyeline.processing.rtc.aiortc_internals import LivePeerConnection, LiveReceiver
from eyeline.processing.rtc.aiortc_internals import receiver as receiver_module
from eyeline.processing.rtc.media_packet import ReceivedPacket

pytestmark = pytest.mark.skipif(local_media_address() is None, reason="ICE finds no address on this machine")

PATIENCE_S = 60.0


class Forger(LossyRelay):
    """Sends to the second peer what it wants, beside what the first one sends."""

    def __init__(self) -> None:
        super().__init__(Weather(delay_s=0.0))
        self.media: list[bytes] = []
        self.forge = False
        self.keep = False
        self._dice = random.Random(7)

    def pass_on(self, side: int, data: bytes) -> None:
        is_media = side == 1 and 127 < data[0] < 192 and not is_rtcp(data)
        if is_media:
            self.media.append(data)
        if self.forge and is_media:
            for forged in self._forged(data):
                self.send(forged)
        if not (self.keep and is_media):
            super().pass_on(side, data)

    def send(self, data: bytes) -> None:
        target = self._peers[1]
        assert target is not None
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_port:  # asyncio sends no empty datagrams
            any_port.sendto(data, target)

    def _forged(self, data: bytes) -> list[bytes]:
        """Empty, of each kind by the first byte, replayed, changed, cut, of a stream that nobody knows, too long."""
        dice = self._dice
        place = dice.randrange(1, len(data))
        return [
            b"",
            bytes([dice.randrange(256)]),
            bytes([dice.randrange(256)]) + dice.randbytes(dice.randrange(200)),
            dice.choice(self.media),
            data[:place] + bytes([data[place] ^ 1 << dice.randrange(8)]) + data[place + 1 :],
            data[: dice.randrange(len(data))],
            data[:8] + dice.randbytes(4) + data[12:],
            data + bytes(1500),
            data[:1] + bytes([200]) + data[2:],
            data[:1] + bytes([200]) + data[2:] + bytes(1500),
            b"\0\1\0\x08\x21\x12\xa4\x42" + dice.randbytes(20),
            b"\x16\xfe\xfd" + dice.randbytes(40),
        ]


@asynccontextmanager
async def forged() -> AsyncIterator[tuple[RTCPeerConnection, LiveReceiver, Forger]]:
    """A peer that receives, its receiver of video, and who stands before it."""
    first, second = (LivePeerConnection(RTCConfiguration(iceServers=[])) for _ in range(2))
    try:
        async with Forger() as forger:
            first.addTransceiver(CountedTrack(), "sendonly")
            first.addTransceiver(Tone(), "sendonly")
            await forger.connect(first, second)
            receiver = second.getReceivers()[0]
            assert isinstance(receiver, LiveReceiver)
            await pictures(receiver, 5)
            yield second, receiver, forger
    finally:
        await first.close()
        await second.close()


async def pictures(receiver: LiveReceiver, count: int) -> None:
    async with asyncio.timeout(PATIENCE_S):
        for _ in range(count):
            assert receiver.track is not None
            await receiver.track.recv()


async def no_longer(*_: object, **__: object) -> None:
    raise AssertionError("a packet went the long way")


async def test_whatever_is_forged_the_picture_goes_on(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RTCDtlsTransport, "_handle_rtp_data", no_longer)
    async with forged() as (second, receiver, forger):
        with caplog.at_level(logging.WARNING):
            forger.forge = True
            await pictures(receiver, 60)
            forger.forge = False
            await pictures(receiver, 10)
        assert second.connectionState == "connected"
        assert not [each for each in caplog.records if each.levelno >= logging.ERROR]
        assert receiver.statistics is not None
        assert receiver.statistics.decoder_errors == 0
        assert len([*receiver._reports.streams]) == 1


async def test_what_waits_in_the_socket_is_taken_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[int] = []
    async with forged() as (_, receiver, forger):
        forger.keep = True
        forger.media.clear()
        async with asyncio.timeout(PATIENCE_S):
            while len(forger.media) < 20:  # noqa: ASYNC110 (the relay has no event)
                await asyncio.sleep(0.01)
        take = LiveReceiver.take

        def noted(self: LiveReceiver, packet: ReceivedPacket, now_s: float) -> None:
            taken.append(packet.ssrc)
            take(self, packet, now_s)

        monkeypatch.setattr(LiveReceiver, "take", noted)
        for data in forger.media[:20]:
            forger.send(data)
        for _ in range(3):  # rounds of the event loop; one datagram each, it would take twenty
            await asyncio.sleep(0)
        assert len(taken) == 20
        forger.keep = False
        await pictures(receiver, 5)


async def test_packets_come_the_long_way_where_aioice_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiver_module, "takes_packets", lambda: False)
    async with forged() as (second, receiver, _):
        await pictures(receiver, 20)
        assert receiver.statistics is not None
        assert receiver.statistics.nacks == 0
        sound = second.getReceivers()[1].track
        assert sound is not None
        async with asyncio.timeout(PATIENCE_S):
            await sound.recv()


async def test_a_receiver_that_fails_ends_nothing(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with forged() as (second, receiver, _):
        take, failures = LiveReceiver.take, []

        def fails(self: LiveReceiver, packet: ReceivedPacket, now_s: float) -> None:
            if len(failures) < 20:
                failures.append(packet)
                raise RuntimeError("a bug")
            take(self, packet, now_s)

        monkeypatch.setattr(LiveReceiver, "take", fails)
        await pictures(receiver, 30)
        assert second.connectionState == "connected"
        assert len([each for each in caplog.records if "cannot be taken" in each.message]) == 1


async def test_nothing_is_taken_after_the_end() -> None:
    async with forged() as (second, receiver, forger):
        await second.close()
        counted = [stream.packets_received for _, stream in receiver._reports.streams]
        for data in forger.media[-20:]:
            forger.send(data)
        await asyncio.sleep(0.2)
        assert [stream.packets_received for _, stream in receiver._reports.streams] == counted


async def test_what_comes_when_nobody_reads_is_not_kept() -> None:
    async with forged() as (_, receiver, forger):
        forger.keep = True
        receiver.transport._set_state(State.FAILED)
        before = {ssrc: stream.packets_received for ssrc, stream in receiver._reports.streams}
        for data in forger.media[-20:]:
            forger.send(data)
            forger.send(b"\x16\xfe\xfd" + bytes(40))
        await asyncio.sleep(0.2)
        assert receiver.transport.transport._connection._queue.empty()
        assert {ssrc: stream.packets_received for ssrc, stream in receiver._reports.streams} == before
