"""A whole call: our client, a stand-in focus and bridge, and a watcher that shares no code with us."""

from __future__ import annotations

import asyncio
import contextlib

import numpy as np
import pytest
from jitsi.calling import GREEN, ROOM, publishing, sees, watching
from jitsi.listening import PATIENCE_S, Joined
from jitsi_lab.deployment import JitsiLab
from jitsi_lab.tracks import PlainPicture, Tone
from jitsi_lab.waiting import eventually
from jitsi_lab.watcher import Watcher

from eyeline.config.errors import RefusedError
from eyeline.integrations.errors import ConnectionLostError, RemovedError
from eyeline.integrations.events import (
    Advice,
    ChatReceived,
    Ended,
    MediaConnected,
    MediaKind,
    MediaLost,
    Muted,
    ParticipantChanged,
    ParticipantJoined,
    TrackAdded,
    TrackRemoved,
    VideoWanted,
    Waiting,
)
from eyeline.integrations.jitsi.place import Place

RED = (30, 30, 220)


async def says_muted(watcher: Watcher, who: str, source: str, muted: bool) -> None:
    """Wait for it: what we did, what the watcher has read and what it decodes come in any order."""
    name = f"{who}-{source}"
    await eventually(
        lambda: who in watcher.participants and watcher.participants[who].says_muted(name) is muted,
        what=f"{name} to be {'muted' if muted else 'unmuted'}",
    )


async def test_others_see_and_hear_us(jitsi_lab: JitsiLab) -> None:
    async with watching(jitsi_lab, name="Wendy") as watcher, publishing(jitsi_lab) as ann:
        assert (await ann.events.next(Waiting)).reason == "waiting for the media session"
        await ann.events.next(MediaConnected)
        await sees(watcher, ann.nick, GREEN)
        await eventually(lambda: watcher.audio_level > 0.1, what="our sound")
        await says_muted(watcher, ann.nick, "v0", False)
        seen = watcher.participants[ann.nick]
        assert seen.name == "Ann"
        assert seen.source_info == {
            f"{ann.nick}-a0": {"muted": False},
            f"{ann.nick}-v0": {"muted": False, "videoType": "camera"},
        }
    assert await ann.events.ended() == Ended(None)
    assert jitsi_lab.complaints == []


async def test_media_come_when_somebody_comes_and_go_when_all_go(jitsi_lab: JitsiLab) -> None:
    async with publishing(jitsi_lab) as ann:
        assert (await ann.events.next(Waiting)).reason == "waiting for others"
        async with Watcher(jitsi_lab, ROOM) as watcher:
            await ann.events.next(MediaConnected)
            await sees(watcher, ann.nick, GREEN)
        assert (await ann.events.next(Waiting)).reason == "waiting for others"
        await ann.events.next(MediaLost)  # the focus ends the session and the bridge its path: either comes first
        async with Watcher(jitsi_lab, ROOM) as watcher:
            await ann.events.next(MediaConnected)
            await sees(watcher, ann.nick, GREEN)
    assert jitsi_lab.complaints == []


async def test_receives_when_asked_to(jitsi_lab: JitsiLab) -> None:
    async with Joined(jitsi_lab.url(ROOM), receive_video=True) as viewer:
        async with Watcher(jitsi_lab, ROOM, video=PlainPicture(RED)) as watcher:
            added = await viewer.events.next(TrackAdded)
            assert added.participant_id == watcher.id
            assert added.kind is MediaKind.VIDEO
            async with asyncio.timeout(PATIENCE_S):
                frame = await added.track.recv()
            assert np.abs(frame.to_ndarray(format="bgr24")[90, 160].astype(int) - RED).max() < 25
        assert (await viewer.events.next(TrackRemoved)).source == added.source
    assert jitsi_lab.complaints == []


async def test_hears_how_tall_a_picture_is_wanted(jitsi_lab: JitsiLab) -> None:
    async with watching(jitsi_lab, max_height_px=360) as watcher, publishing(jitsi_lab) as ann:
        wanted = await ann.events.next(VideoWanted)
        if wanted == VideoWanted(0):  # our channel was open before the watcher's
            wanted = await ann.events.next(VideoWanted)
        assert wanted == VideoWanted(360)
        await watcher.channel.ask_height(0)
        assert await ann.events.next(VideoWanted) == VideoWanted(0)


async def test_mutes_itself_and_comes_back(jitsi_lab: JitsiLab) -> None:
    async with watching(jitsi_lab) as watcher, publishing(jitsi_lab) as ann:
        await sees(watcher, ann.nick, GREEN)
        await ann.meeting.set_muted(MediaKind.VIDEO, True)
        await says_muted(watcher, ann.nick, "v0", True)
        with contextlib.suppress(TimeoutError):  # what is still on its way
            await watcher.frame(1.0, of=ann.nick)
        with pytest.raises(TimeoutError):
            await watcher.frame(2.0, of=ann.nick)
        await ann.meeting.set_muted(MediaKind.VIDEO, False)
        await sees(watcher, ann.nick, GREEN)
        await says_muted(watcher, ann.nick, "v0", False)
    assert jitsi_lab.complaints == []


async def test_a_mute_before_the_session_holds_in_it(jitsi_lab: JitsiLab) -> None:
    async with publishing(jitsi_lab) as ann:
        await ann.meeting.set_muted(MediaKind.AUDIO, True)
        async with Watcher(jitsi_lab, ROOM) as watcher:
            await sees(watcher, ann.nick, GREEN)
            await says_muted(watcher, ann.nick, "a0", True)
            assert watcher.audio_level == 0
    assert jitsi_lab.complaints == []


async def test_a_moderator_mutes_us(jitsi_lab: JitsiLab) -> None:
    async with watching(jitsi_lab, name="Wendy") as watcher, publishing(jitsi_lab) as ann:
        await ann.events.next(MediaConnected)
        await watcher.mute(ann.nick, "audio")
        assert await ann.events.next(Muted) == Muted(MediaKind.AUDIO, True, by="Wendy")
        await says_muted(watcher, ann.nick, "a0", True)
    assert jitsi_lab.complaints == []


async def test_a_mute_by_the_room_is_lifted_only_with_leave(jitsi_lab: JitsiLab) -> None:
    async with watching(jitsi_lab) as watcher, publishing(jitsi_lab) as ann:
        await sees(watcher, ann.nick, GREEN)
        jitsi_lab.focus.force_mute(ann.nick, "video")
        assert (await ann.events.next(Muted)).by
        with pytest.raises(RefusedError, match="allow video"):
            await ann.meeting.set_muted(MediaKind.VIDEO, False)
        await says_muted(watcher, ann.nick, "v0", True)
        jitsi_lab.focus.approve(ann.nick, "video")
        await ann.meeting.set_muted(MediaKind.VIDEO, False)
        assert await ann.events.next(Muted) == Muted(MediaKind.VIDEO, False)
        await sees(watcher, ann.nick, GREEN)
    assert jitsi_lab.complaints == []


async def test_moves_to_another_bridge(jitsi_lab: JitsiLab) -> None:
    async with watching(jitsi_lab) as watcher, publishing(jitsi_lab) as ann:
        await sees(watcher, ann.nick, GREEN)
        await jitsi_lab.bridge.kill()
        await jitsi_lab.replace_bridge()
        assert await ann.events.next(MediaLost) == MediaLost("moving")
        await ann.events.next(MediaConnected)
        await sees(watcher, ann.nick, GREEN)
    assert jitsi_lab.complaints == []


async def test_calls_a_restarted_focus_back(jitsi_lab: JitsiLab, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses = {"first_retry_s": 0.1, "retry_s": 0.2}
    monkeypatch.setattr("eyeline.integrations.jitsi.focus_watch.FocusWatch.__init__.__kwdefaults__", pauses)
    async with watching(jitsi_lab) as watcher, publishing(jitsi_lab) as ann:
        await sees(watcher, ann.nick, GREEN)
        jitsi_lab.focus.restart()
        await eventually(lambda: watcher.sessions == 2, what="the second session")
        await sees(watcher, ann.nick, GREEN)
    assert jitsi_lab.complaints == []


async def test_waits_for_a_focus_that_is_not_ready(jitsi_lab: JitsiLab) -> None:
    jitsi_lab.focus.not_ready = 1
    async with Joined(jitsi_lab.url(ROOM)) as joined:
        assert (await joined.events.next(Waiting)).reason == "waiting for the server to get ready"


async def test_gives_up_when_no_media_session_comes(jitsi_lab: JitsiLab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eyeline.integrations.jitsi.call.OFFER_TIMEOUT_S", 0.5)
    await jitsi_lab.bridge.kill()
    async with watching(jitsi_lab), publishing(jitsi_lab) as ann:
        ended = await ann.events.ended()
        assert isinstance(ended.error, ConnectionLostError)
        assert "no media session" in ended.error.message


async def test_being_kicked_is_the_end(jitsi_lab: JitsiLab) -> None:
    async with watching(jitsi_lab), publishing(jitsi_lab) as ann:
        await ann.events.next(MediaConnected)
        await jitsi_lab.focus.kick(ann.nick, "enough")
        ended = await ann.events.ended()
        assert isinstance(ended.error, RemovedError)
        assert "enough" in ended.error.message


async def test_a_cut_network_is_resumed_and_nobody_notices(jitsi_lab: JitsiLab) -> None:
    async with watching(jitsi_lab, name="Wendy") as watcher, publishing(jitsi_lab) as ann:
        await ann.events.next(MediaConnected)
        await sees(watcher, ann.nick, GREEN)
        nick, sessions, seen = ann.nick, watcher.sessions, watcher.participants[ann.nick]
        jitsi_lab.site.open_streams.clear()
        jitsi_lab.site.cut_xmpp()
        assert (await ann.events.next(Advice)).code == "signalling_lost"
        watcher.say("are you there?")
        await ann.meeting.send_chat("said in the gap")
        await sees(watcher, nick, GREEN)
        jitsi_lab.site.open_streams.set()
        assert (await ann.events.next(Advice)).code == "signalling_resumed"
        line = await ann.events.next(ChatReceived)
        assert (line.text, line.history) == ("are you there?", False)
        await eventually(lambda: "said in the gap" in [line.text for line in watcher.chat], what="our line")
        assert [line.text for line in watcher.chat].count("said in the gap") == 1
        assert watcher.participants[nick] is seen  # never gone
        assert watcher.sessions == sessions
        await sees(watcher, nick, GREEN)
    assert jitsi_lab.complaints == []


async def test_leaving_while_the_stream_is_resumed_leaves_nobody_behind(
    jitsi_lab: JitsiLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eyeline.integrations.jitsi.attendance._GOODBYE_TIMEOUT_S", PATIENCE_S)
    async with Watcher(jitsi_lab, ROOM) as watcher:
        async with publishing(jitsi_lab) as ann:
            await ann.events.next(MediaConnected)
            jitsi_lab.site.open_streams.clear()
            jitsi_lab.site.cut_xmpp()
            assert (await ann.events.next(Advice)).code == "signalling_lost"
            asyncio.get_running_loop().call_later(0.5, jitsi_lab.site.open_streams.set)
        await eventually(lambda: not watcher.participants, timeout_s=20.0, what="the others to know that we left")


async def test_a_session_that_is_not_resumed_is_a_loss_and_coming_back_leaves_no_ghost(jitsi_lab: JitsiLab) -> None:
    place = Place()
    async with watching(jitsi_lab) as watcher:
        jitsi_lab.site.forgets_sessions = True
        async with publishing(jitsi_lab, place=place) as ann:
            await ann.events.next(MediaConnected)
            old = ann.nick
            jitsi_lab.site.cut_xmpp()
            ended = await ann.events.ended()
            assert isinstance(ended.error, ConnectionLostError)
        assert old in watcher.participants  # the server keeps it for a minute
        async with publishing(jitsi_lab, place=place) as ann:
            await ann.events.next(MediaConnected)
            assert list(ann.meeting.participants) == [watcher.id]
            assert not place.resumable
            await sees(watcher, ann.nick, GREEN)
            jitsi_lab.site.cut_xmpp()
            await ann.events.ended()
        await eventually(lambda: list(watcher.participants) == [old], what="no second ghost")
        await jitsi_lab.focus.kick(old)


async def test_talks_while_media_flow(jitsi_lab: JitsiLab) -> None:
    async with watching(jitsi_lab, name="Wendy") as watcher, publishing(jitsi_lab) as ann:
        came = (await ann.events.next(ParticipantJoined)).participant
        assert came.name == "Wendy"
        await ann.events.next(MediaConnected)
        watcher.say("hello")
        line = await ann.events.next(ChatReceived)
        assert line == ChatReceived(watcher.id, "Wendy", "hello", identity=came.identity)
        await ann.meeting.send_chat("hi", to=watcher.id)
        await eventually(lambda: watcher.chat, what="the answer")
        assert watcher.chat[0].private


async def test_sees_others_unmute(jitsi_lab: JitsiLab) -> None:
    async with Joined(jitsi_lab.url(ROOM)) as ann, Watcher(jitsi_lab, ROOM, audio=Tone()) as watcher:
        while (changed := await ann.events.next(ParticipantChanged)).participant.audio_muted:
            pass
        assert changed.participant.id == watcher.id
        assert changed.participant.video_muted


async def test_leaving_takes_bounded_time_in_the_middle_of_everything(jitsi_lab: JitsiLab) -> None:
    async with watching(jitsi_lab) as watcher:
        for _ in range(3):
            async with publishing(jitsi_lab):
                pass  # leaves while the session is being set up
        await eventually(lambda: not watcher.participants, what="nobody to be left behind")
