"""The bridge channel where a WebSocket is not to be had: a data channel over the media path, with the same messages."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection
from jitsi.listening import PATIENCE_S, Joined
from jitsi_lab.addresses import local_media_address
from jitsi_lab.data_channel import DataChannel
from jitsi_lab.deployment import JitsiLab
from jitsi_lab.tracks import PlainPicture
from jitsi_lab.waiting import eventually
from jitsi_lab.watcher import Watcher
from prosody_process import has_prosody

from eyeline.integrations.events import DataReceived, MediaConnected, MediaKind, MediaLost, VideoWanted
from eyeline.integrations.jitsi.bridge import BridgeChannel, BridgeState
from eyeline.integrations.jitsi.bridge_data_channel import BridgeDataChannel
from eyeline.integrations.jitsi.bridge_link import Attempt

ROOM = "Daily"
GREEN = (40, 200, 60)


@pytest.fixture(params=["no WebSocket", "WebSocket that fails"])
async def lab(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[JitsiLab]:
    """Its watchers come by WebSocket all the same, but where that fails they have no channel."""
    address = local_media_address()
    if not has_prosody() or address is None:
        pytest.skip("needs Prosody and a network address besides loopback")
    (tmp_path / "prosody").mkdir()
    async with JitsiLab(
        tmp_path / "prosody", address, restart_interval_s=0.0, websockets=request.param != "no WebSocket"
    ) as running:
        running.site.loses_channels = True
        yield running


def publishing(lab: JitsiLab, **options: Any) -> Joined:
    return Joined(lab.url(ROOM), "Ann", video=PlainPicture(GREEN), simulcast=False, **options)


def channel_of(lab: JitsiLab, nick: str) -> DataChannel:
    channel = lab.bridge.endpoint(nick).channel
    assert isinstance(channel, DataChannel)
    return channel


async def wants(ann: Joined, height_px: int) -> None:
    while await ann.events.next(VideoWanted) != VideoWanted(height_px):
        pass


async def test_messages_go_both_ways(lab: JitsiLab) -> None:
    async with Watcher(lab, ROOM, video=PlainPicture((30, 30, 220))) as watcher, publishing(lab) as ann:
        await ann.events.next(MediaConnected)
        await eventually(lambda: lab.bridge.endpoint(ann.nick).channel is not None, what="the data channel")
        for height_px in (360, 0, 180):
            await lab.bridge.constrain(ann.nick, f"{ann.nick}-v0", height_px)
            await wants(ann, height_px)
        await channel_of(lab, ann.nick).send("EndpointMessage", **{"from": watcher.id, "msgPayload": {"wave": 1}})
        assert await ann.events.next(DataReceived) == DataReceived(watcher.id, {"wave": 1})
        assert lab.bridge.endpoint(ann.nick).settings.wanted_heights_px([f"{watcher.id}-v0"]) == {f"{watcher.id}-v0": 0}
        await ann.meeting.set_muted(MediaKind.VIDEO, True)
        await eventually(lambda: not lab.bridge.endpoint(ann.nick).video_names, what="the word that we are muted")
        await ann.meeting.send_message({"long": "x" * 60_000})  # many packets
    assert lab.complaints == []


async def test_another_session_brings_another_channel(lab: JitsiLab) -> None:
    async with Watcher(lab, ROOM), publishing(lab) as ann:
        await ann.events.next(MediaConnected)
        await eventually(lambda: lab.bridge.endpoint(ann.nick).channel is not None, what="the data channel")
        before = lab.bridge.endpoint(ann.nick)
        lab.bridge.drop_channel(ann.nick)
        assert "data channel" in (await ann.events.next(MediaLost)).reason
        await ann.events.next(MediaConnected)
        assert lab.bridge.endpoint(ann.nick) is not before
        await eventually(lambda: lab.bridge.endpoint(ann.nick).channel is not None, what="the next data channel")
        await lab.bridge.constrain(ann.nick, f"{ann.nick}-v0", 180)
        await wants(ann, 180)
    assert lab.complaints == []


async def test_a_websocket_is_used_where_there_is_one(jitsi_lab: JitsiLab) -> None:
    async with Watcher(jitsi_lab, ROOM), publishing(jitsi_lab) as ann:
        await wants(ann, 720)
        assert jitsi_lab.bridge.endpoint(ann.nick).data is not None
        assert not isinstance(jitsi_lab.bridge.endpoint(ann.nick).channel, DataChannel)
    assert jitsi_lab.complaints == []


class _Link:
    """A way to the bridge that ends as it is told, one attempt after the other; then it stays open."""

    def __init__(self, name: str, *ends: Attempt) -> None:
        self.name = name
        self.said: list[dict[str, Any]] = []
        self._ends = list(ends)

    async def carry(self, opened: Any, heard: Any) -> Attempt:
        """See `BridgeLink`."""

        async def say(text: str) -> None:
            self.said.append(json.loads(text))

        if self._ends and self._ends[0] in (Attempt.FAILED, Attempt.REFUSED, Attempt.ABSENT):
            return self._ends.pop(0)
        await opened(say)
        if not self._ends:
            await asyncio.get_running_loop().create_future()
        return self._ends.pop(0)


async def test_what_fails_is_left_for_what_is_there_and_tried_again_when_that_is_not() -> None:
    socket, data = _Link("socket", *[Attempt.FAILED] * 60, Attempt.SERVED), _Link("data", Attempt.ABSENT)
    async with BridgeChannel([socket, data], on_message=lambda _: None, first_pause_s=0.001) as channel:
        await eventually(lambda: len(socket.said) == 2, what="the socket, opened twice")
        assert channel.state is BridgeState.OPEN
        assert data.said == []
        assert data._ends == []  # it was tried


async def test_a_bridge_that_has_forgotten_the_socket_may_know_the_data_channel() -> None:
    socket, data = _Link("socket", *[Attempt.REFUSED] * 500), _Link("data")
    async with BridgeChannel([socket, data], on_message=lambda _: None, first_pause_s=0.001) as channel:
        await eventually(lambda: channel.state is BridgeState.OPEN, what="the data channel")
        await eventually(lambda: data.said, what="what it is for")
        assert data.said == [{"colibriClass": "ReceiverVideoConstraints", "lastN": 0}]


async def test_a_broken_data_channel_is_told_and_no_other_end_is() -> None:
    async with BridgeChannel([_Link("data", Attempt.BROKEN)], on_message=lambda _: None) as broken:
        await asyncio.wait_for(broken.wait_broken(), PATIENCE_S)
        assert broken.state is BridgeState.GONE
    async with BridgeChannel([_Link("data", Attempt.ABSENT)], on_message=lambda _: None) as absent:
        await asyncio.wait_for(absent.wait_gone(), PATIENCE_S)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(absent.wait_broken(), 0.1)


async def test_a_channel_that_does_not_open_is_given_up_and_not_tried_twice() -> None:
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    made = 0

    def create(label: str, protocol: str) -> Any:
        nonlocal made
        made += 1
        return connection.createDataChannel(label, protocol=protocol)

    async def opened(_: object) -> None:
        raise AssertionError("it opened")

    try:
        link = BridgeDataChannel(create, timeout_s=0.05)
        assert [await link.carry(opened, lambda _: None) for _ in range(2)] == [Attempt.ABSENT, Attempt.ABSENT]
        assert made == 1
    finally:
        await connection.close()
