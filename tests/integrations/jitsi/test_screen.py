"""A screen beside the camera, and messages by way of the bridge, against the lab."""

from __future__ import annotations

import asyncio
import json

import numpy as np
import pytest
from jitsi.listening import PATIENCE_S, Joined
from jitsi_lab.deployment import JitsiLab
from jitsi_lab.tracks import PlainPicture
from jitsi_lab.waiting import eventually
from jitsi_lab.watcher import Watcher

from eyeline.config.errors import UsageError
from eyeline.integrations.errors import MediaPathError
from eyeline.integrations.events import DataReceived, MediaConnected, TrackAdded, VideoSending

GREEN, RED, BLUE = (40, 200, 60), (30, 30, 220), (200, 60, 40)
ROOM = "room"


async def sees(watcher: Watcher, owner: str, bgr: tuple[int, int, int]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            frame = await watcher.frame(of=owner)
            if np.abs(frame[frame.shape[0] // 2, frame.shape[1] // 2].astype(int) - bgr).max() < 25:
                return


def source_info(watcher: Watcher, owner: str) -> dict[str, object]:
    return watcher.participants[owner].source_info.get(f"{owner}-v1", {})


async def test_a_screen_is_shown_beside_the_camera_and_hidden_and_shown_again(jitsi_lab: JitsiLab) -> None:
    async with (
        Watcher(jitsi_lab, ROOM) as watcher,
        Joined(jitsi_lab.url(ROOM), video=PlainPicture(GREEN)) as ann,
    ):
        await ann.events.next(MediaConnected)
        await sees(watcher, ann.nick, GREEN)
        await ann.meeting.share_screen(PlainPicture(RED, 640, 360))
        await sees(watcher, ann.nick, RED)
        await sees(watcher, ann.nick, GREEN)
        await eventually(
            lambda: source_info(watcher, ann.nick) == {"muted": False, "videoType": "desktop"}, what="the screen"
        )
        sources = jitsi_lab.focus.member(ann.nick).session.sources
        screen = [each for each in sources.sources if each.name == f"{ann.nick}-v1"]
        assert {each.video_type for each in screen} == {"desktop"}
        assert len(screen) == 2
        assert (await ann.events.next(VideoSending)).source == f"{ann.nick}-v0"
        await ann.meeting.share_screen(None)
        await eventually(lambda: source_info(watcher, ann.nick)["muted"] is True, what="the end of the screen")
        await ann.meeting.share_screen(PlainPicture(BLUE, 640, 360))
        await sees(watcher, ann.nick, BLUE)
        await eventually(  # the picture may be quicker than the word that it comes
            lambda: jitsi_lab.focus.member(ann.nick).session.sources == sources, what="the same sources"
        )
    assert jitsi_lab.complaints == []


async def test_lines_of_others_keep_their_places_around_the_screen(jitsi_lab: JitsiLab) -> None:
    """What others send before and after the screen was shared is received all the same."""
    async with (
        Joined(jitsi_lab.url(ROOM), video=PlainPicture(GREEN), receive_video=True) as ann,
        Watcher(jitsi_lab, ROOM, video=PlainPicture(RED)) as first,
    ):
        tracks = [(await ann.events.next(TrackAdded)).track]
        await ann.meeting.share_screen(PlainPicture(BLUE))
        await sees(first, ann.nick, BLUE)
        async with Watcher(jitsi_lab, ROOM, video=PlainPicture(RED)) as second:
            tracks.append((await ann.events.next(TrackAdded)).track)
            await sees(second, ann.nick, BLUE)
            for track in tracks:
                async with asyncio.timeout(PATIENCE_S):
                    frame = await track.recv()
                assert np.abs(frame.to_ndarray(format="bgr24")[90, 160].astype(int) - RED).max() < 25
    assert jitsi_lab.complaints == []


async def test_a_screen_comes_back_with_the_next_session(jitsi_lab: JitsiLab) -> None:
    async with (
        Watcher(jitsi_lab, ROOM) as watcher,
        Joined(jitsi_lab.url(ROOM), video=PlainPicture(GREEN)) as ann,
    ):
        await ann.events.next(MediaConnected)
        await ann.meeting.share_screen(PlainPicture(RED))
        await sees(watcher, ann.nick, RED)
        await jitsi_lab.replace_bridge()
        await ann.events.next(MediaConnected)
        await sees(watcher, ann.nick, RED)
        await sees(watcher, ann.nick, GREEN)


async def test_a_screen_that_was_shared_before_anybody_came_is_shown(jitsi_lab: JitsiLab) -> None:
    async with Joined(jitsi_lab.url(ROOM), video=PlainPicture(GREEN)) as ann:
        await ann.meeting.share_screen(PlainPicture(RED))
        async with Watcher(jitsi_lab, ROOM) as watcher:
            await sees(watcher, ann.nick, RED)


async def sends_soon(member: Joined, payload: object) -> None:
    """The channel to the bridge opens beside the media, and on a busy machine after them."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                return await member.meeting.send_message(payload)
            except MediaPathError:
                await asyncio.sleep(0.05)


async def test_messages_go_both_ways_by_way_of_the_bridge(jitsi_lab: JitsiLab) -> None:
    async with Watcher(jitsi_lab, ROOM) as watcher, Joined(jitsi_lab.url(ROOM)) as ann:
        await ann.events.next(MediaConnected)
        await eventually(lambda: bool(watcher.channel.messages), what="the watcher's channel")
        await sends_soon(ann, {"raise": "hand"})
        await ann.meeting.send_message({"for": "you"}, to=watcher.id)

        def heard() -> list[object]:
            said = [each for each in watcher.channel.messages if each["colibriClass"] == "EndpointMessage"]
            assert all(each["from"] == ann.nick for each in said)
            return [each["msgPayload"] for each in said]

        await eventually(lambda: heard() == [{"raise": "hand"}, {"for": "you"}], what="both messages")
        message = {"colibriClass": "EndpointMessage", "to": ann.nick, "msgPayload": {"a": [1, None]}}
        await watcher.channel.send(json.dumps(message))
        assert await ann.events.next(DataReceived) == DataReceived(watcher.id, {"a": [1, None]})
    assert jitsi_lab.complaints == []


async def test_a_message_needs_json_a_channel_and_somebody_to_go_to(jitsi_lab: JitsiLab) -> None:
    async with Joined(jitsi_lab.url(ROOM)) as ann:
        for payload in ({1, 2}, float("nan"), "x" * 70_000, object()):
            with pytest.raises(UsageError):
                await ann.meeting.send_message(payload)
        with pytest.raises(MediaPathError):
            await ann.meeting.send_message({})
        with pytest.raises(UsageError):
            await ann.meeting.send_message({}, to="deadbeef")
