"""The double itself: two watchers meet through real Prosody, ICE, DTLS and SRTP."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest
from jitsi_lab import xml
from jitsi_lab.deployment import JitsiLab
from jitsi_lab.endpoint import Endpoint
from jitsi_lab.member import SessionState
from jitsi_lab.tracks import PlainPicture, Tone
from jitsi_lab.waiting import eventually
from jitsi_lab.watcher import Watcher
from jitsi_lab.watcher_room import ChatLine
from jitsi_lab.xmpp_link import IqError

GREEN = (40, 200, 60)
RED = (30, 30, 220)


def close_to(pixel: object, bgr: tuple[int, int, int]) -> bool:
    return bool(abs(pixel.astype(int) - bgr).max() < 25)  # type: ignore[attr-defined]


async def test_picture_arrives_with_its_colour(jitsi_lab: JitsiLab) -> None:
    picture = PlainPicture(GREEN)
    async with Watcher(jitsi_lab, "room") as viewer, Watcher(jitsi_lab, "room", video=picture) as sender:
        frame = await viewer.frame(of=sender.id)
        assert frame.shape == (180, 320, 3)
        assert close_to(frame[90, 160], GREEN)
        picture.bgr = RED
        async with asyncio.timeout(60):
            while not close_to((await viewer.frame(of=sender.id))[90, 160], RED):
                pass
    assert jitsi_lab.complaints == []


async def test_sound_arrives(jitsi_lab: JitsiLab) -> None:
    async with Watcher(jitsi_lab, "room") as listener, Watcher(jitsi_lab, "room", audio=Tone(0.5)):
        # aiortc's encoder lowers mono by 3 dB on the way to stereo, so half of the amplitude's root mean square.
        await eventually(lambda: abs(listener.audio_level - 0.25) < 0.05, what="the tone's level")
        assert listener.audio_samples > 0
    assert jitsi_lab.complaints == []


async def test_others_are_seen_on_after_one_has_gone(jitsi_lab: JitsiLab) -> None:
    async with Watcher(jitsi_lab, "room") as viewer, Watcher(jitsi_lab, "room", video=PlainPicture(RED)) as stays:
        async with Watcher(jitsi_lab, "room", audio=Tone(), video=PlainPicture(GREEN)) as goes:
            await viewer.frame(of=goes.id)
            await eventually(lambda: viewer.audio_samples, what="sound")
        await eventually(lambda: goes.id not in viewer.participants, what="the one to be gone")
        assert close_to((await viewer.frame(of=stays.id))[90, 160], RED)
        async with Watcher(jitsi_lab, "room", video=PlainPicture(GREEN)) as new:
            assert close_to((await viewer.frame(of=new.id))[90, 160], GREEN)
    assert jitsi_lab.complaints == []


async def test_both_ways_and_a_third_who_comes_later(jitsi_lab: JitsiLab) -> None:
    green, red = PlainPicture(GREEN), PlainPicture(RED)
    async with Watcher(jitsi_lab, "room", video=green) as one, Watcher(jitsi_lab, "room", video=red) as two:
        assert close_to((await one.frame(of=two.id))[90, 160], RED)
        assert close_to((await two.frame(of=one.id))[90, 160], GREEN)
        async with Watcher(jitsi_lab, "room") as late:
            assert close_to((await late.frame(of=one.id))[90, 160], GREEN)
            assert close_to((await late.frame(of=two.id))[90, 160], RED)
            assert set(late.participants) == {one.id, two.id}
        await eventually(lambda: late.id not in one.participants, what="the third to be gone")
    assert jitsi_lab.complaints == []


async def test_nobody_is_invited_alone_and_a_lone_rest_is_expired(jitsi_lab: JitsiLab) -> None:
    async with Watcher(jitsi_lab, "room") as first:
        await asyncio.sleep(0.5)
        assert jitsi_lab.focus.member(first.id).session is None
        async with Watcher(jitsi_lab, "room"):
            await first.connected()
        await eventually(lambda: first.media_state == "closed", what="idle session to expire")
        async with Watcher(jitsi_lab, "room"):
            await first.connected()
            assert first.sessions == 2
    assert jitsi_lab.complaints == []


async def test_the_first_member_is_moderator_and_may_mute(jitsi_lab: JitsiLab) -> None:
    async with Watcher(jitsi_lab, "room") as first, Watcher(jitsi_lab, "room") as second:
        await eventually(lambda: second.participants[first.id].moderator, what="the owner")
        await first.mute(second.id, "audio")
        with pytest.raises(IqError, match="not-allowed"):
            await second.mute(first.id, "audio")


async def test_chat_reaches_whom_it_is_for(jitsi_lab: JitsiLab) -> None:
    async with (
        Watcher(jitsi_lab, "room") as one,
        Watcher(jitsi_lab, "room") as two,
        Watcher(jitsi_lab, "room") as three,
    ):
        one.say("to all")
        await eventually(lambda: two.chat and three.chat, what="chat")
        one.say_to(two.id, "to you")
        await eventually(lambda: len(two.chat) == 2, what="private chat")
        assert two.chat == [ChatLine(one.id, "to all", private=False), ChatLine(one.id, "to you", private=True)]
        assert len(three.chat) == 1


async def test_constraints_go_from_the_viewer_to_the_sender(jitsi_lab: JitsiLab) -> None:
    async with (
        Watcher(jitsi_lab, "room", max_height_px=0) as viewer,
        Watcher(jitsi_lab, "room", video=PlainPicture(GREEN)) as sender,
    ):
        source = f"{sender.id}-v0"
        await eventually(lambda: sender.channel.heights_px.get(source) == 0, what="nobody to look")
        with pytest.raises(TimeoutError):
            await viewer.frame(1.0)
        await viewer.channel.ask_height(360)
        await viewer.frame(of=sender.id)
        assert sender.channel.heights_px[source] == 360
        assert jitsi_lab.bridge.ledger.keyframe_requests.total() >= 1
        async with Watcher(jitsi_lab, "room", max_height_px=720):
            await eventually(lambda: sender.channel.heights_px[source] == 720, what="the taller of two wants")
        await eventually(lambda: sender.channel.heights_px[source] == 360, what="the remaining want")
        await jitsi_lab.bridge.constrain(sender.id, source, 180)
        await eventually(lambda: sender.channel.heights_px[source] == 180, what="the test's own height")
    assert jitsi_lab.complaints == []


async def test_a_picture_begins_with_a_keyframe(jitsi_lab: JitsiLab, monkeypatch: pytest.MonkeyPatch) -> None:
    async with (
        Watcher(jitsi_lab, "room", max_height_px=0) as viewer,
        Watcher(jitsi_lab, "room", video=PlainPicture(GREEN)) as sender,
    ):
        packets = jitsi_lab.bridge.ledger.packets
        await eventually(lambda: packets.total() > 10, what="RTP that nobody looks at")
        asked = asyncio.Event()

        async def hold_back(self: Endpoint, ssrc: int) -> None:
            asked.set()

        monkeypatch.setattr(Endpoint, "ask_keyframe", hold_back)
        await viewer.channel.ask_height(720)
        await asked.wait()
        seen = packets.total()
        await eventually(lambda: packets.total() > seen + 10, what="RTP without a keyframe")
        assert jitsi_lab.bridge.ledger.forwarded.total() == 0
        monkeypatch.undo()
        await viewer.frame(of=sender.id)


async def test_force_muted_media_stops_at_the_bridge(jitsi_lab: JitsiLab) -> None:
    async with Watcher(jitsi_lab, "room") as viewer, Watcher(jitsi_lab, "room", video=PlainPicture(GREEN)) as sender:
        await viewer.frame(of=sender.id)
        jitsi_lab.focus.force_mute(sender.id, "video")
        await eventually(lambda: jitsi_lab.bridge.ledger.refused["force-muted"] > 5, what="dropped packets")
        with pytest.raises(TimeoutError):
            await viewer.frame(1.0)


async def test_restart_brings_a_fresh_session(jitsi_lab: JitsiLab) -> None:
    async with Watcher(jitsi_lab, "room") as viewer, Watcher(jitsi_lab, "room", video=PlainPicture(GREEN)) as sender:
        await viewer.frame(of=sender.id)
        sid = jitsi_lab.focus.member(viewer.id).session.sid
        await viewer.restart()
        await eventually(lambda: viewer.sessions == 2, what="the second session")
        await viewer.frame(of=sender.id)
        assert jitsi_lab.focus.member(viewer.id).session.sid != sid
    assert jitsi_lab.complaints == []


async def test_killed_bridge_is_replaced(jitsi_lab: JitsiLab) -> None:
    async with Watcher(jitsi_lab, "room") as viewer, Watcher(jitsi_lab, "room", video=PlainPicture(GREEN)) as sender:
        await viewer.frame(of=sender.id)
        await jitsi_lab.bridge.kill()
        await jitsi_lab.replace_bridge()
        await eventually(lambda: viewer.sessions == sender.sessions == 2, what="sessions on the new bridge")
        await viewer.frame(of=sender.id)
    assert jitsi_lab.complaints == []


async def test_restarted_focus_invites_again(jitsi_lab: JitsiLab) -> None:
    async with Watcher(jitsi_lab, "room") as viewer, Watcher(jitsi_lab, "room", video=PlainPicture(GREEN)) as sender:
        await viewer.frame(of=sender.id)
        jitsi_lab.focus.restart()
        await asyncio.sleep(0.2)
        await jitsi_lab.focus.on_request({"room": jitsi_lab.room_jid("room"), "machineUid": "0" * 32})
        await eventually(lambda: viewer.sessions == sender.sessions == 2, what="sessions of the new focus")
        await viewer.frame(of=sender.id)
    assert jitsi_lab.complaints == []


async def test_kicked_member_is_told_and_others_hear_of_it(jitsi_lab: JitsiLab) -> None:
    async with Watcher(jitsi_lab, "room") as one, Watcher(jitsi_lab, "room") as two:
        await two.connected()
        await jitsi_lab.focus.kick(two.id, "enough")
        await eventually(lambda: two.id not in one.participants, what="the kicked one to be gone")
        assert two.id not in jitsi_lab.focus.rooms[jitsi_lab.room_jid("room")].members


async def test_malformed_channel_message_is_complained_of(jitsi_lab: JitsiLab) -> None:
    async with Watcher(jitsi_lab, "room") as one, Watcher(jitsi_lab, "room"):
        await eventually(lambda: one.channel.messages, what="the channel")
        await one.channel.send('{"colibriClass":"ReceiverVideoConstraints","lastN":"all"}')
        await one.channel.send("not JSON")
        await one.channel.send(
            '{"colibriClass":"SourceVideoTypeMessage","sourceName":"ffffffff-v0","videoType":"none"}'
        )
        await eventually(lambda: len(jitsi_lab.bridge.complaints) == 3, what="three complaints")


async def test_channel_refuses_a_wrong_password(jitsi_lab: JitsiLab) -> None:
    async with Watcher(jitsi_lab, "room") as one, Watcher(jitsi_lab, "room"):
        await one.connected()
        conference = jitsi_lab.bridge.conference(jitsi_lab.room_jid("room"))
        url = f"{jitsi_lab.base_url}/colibri-ws/lab/{conference.id}/{one.id}?pwd=guess"
        async with aiohttp.ClientSession() as http:
            with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
                await http.ws_connect(url)


async def test_dropped_channel_is_seen_by_the_member(jitsi_lab: JitsiLab) -> None:
    async with Watcher(jitsi_lab, "room") as one, Watcher(jitsi_lab, "room"):
        await eventually(lambda: one.channel.messages, what="the channel")
        jitsi_lab.bridge.drop_channel(one.id)
        await eventually(lambda: one.channel.closed_with == [1006], what="the cut to be seen")
        await eventually(lambda: jitsi_lab.bridge.endpoint(one.id).channel is None, what="the channel to be gone")


async def test_session_state_goes_one_way(jitsi_lab: JitsiLab) -> None:
    async with Watcher(jitsi_lab, "room") as one, Watcher(jitsi_lab, "room"):
        await one.connected()
        session = jitsi_lab.focus.member(one.id).session
        assert session.state is SessionState.ACTIVE
        with pytest.raises(RuntimeError, match="cannot go"):
            session.step(SessionState.OFFERED)


async def test_unmuting_needs_approval_and_the_request(jitsi_lab: JitsiLab) -> None:
    async with Watcher(jitsi_lab, "room") as viewer, Watcher(jitsi_lab, "room", video=PlainPicture(GREEN)) as sender:
        await viewer.frame(of=sender.id)
        jitsi_lab.focus.force_mute(sender.id, "video")
        jid = f"{jitsi_lab.room_jid('room')}/{sender.id}"
        unmute = xml.element(f"{xml.JITMEET}/video", "mute", text="false", jid=jid)
        with pytest.raises(IqError, match="not-allowed"):
            await sender.ask_focus(unmute)
        jitsi_lab.focus.approve(sender.id, "video")
        with pytest.raises(TimeoutError):
            await viewer.frame(0.5)
        await sender.ask_focus(unmute)
        await viewer.frame(of=sender.id)


async def test_rtp_that_was_not_signalled_is_dropped(jitsi_lab: JitsiLab) -> None:
    refused = jitsi_lab.bridge.ledger.refused
    async with Watcher(jitsi_lab, "room") as viewer, Watcher(jitsi_lab, "room", video=PlainPicture(GREEN)) as sender:
        await viewer.frame(of=sender.id)
        endpoint = jitsi_lab.bridge.endpoint(sender.id)
        payload_types, endpoint.payload_types = endpoint.payload_types, frozenset()
        await eventually(lambda: refused["payload type not negotiated"] > 5, what="dropped payload types")
        endpoint.payload_types = payload_types
        endpoint.streams.clear()
        await eventually(lambda: refused["unknown SSRC"] > 5, what="dropped SSRCs")


async def test_endpoint_messages_reach_whom_they_are_for(jitsi_lab: JitsiLab) -> None:
    def heard(watcher: Watcher) -> list[object]:
        said = (m for m in watcher.channel.messages if m["colibriClass"] == "EndpointMessage")
        return [(m["from"], m["msgPayload"]) for m in said]

    async with (
        Watcher(jitsi_lab, "room") as one,
        Watcher(jitsi_lab, "room") as two,
        Watcher(jitsi_lab, "room") as three,
    ):
        await eventually(lambda: all(w.channel.messages for w in (one, two, three)), what="the channels")
        await one.channel.send(json.dumps({"colibriClass": "EndpointMessage", "to": two.id, "msgPayload": {"n": 1}}))
        await one.channel.send(json.dumps({"colibriClass": "EndpointMessage", "to": "", "msgPayload": {"n": 2}}))
        await eventually(lambda: heard(three), what="the message to all")
        await eventually(lambda: len(heard(two)) == 2, what="both messages")
        assert heard(two) == [(one.id, {"n": 1}), (one.id, {"n": 2})]
        assert heard(three) == [(one.id, {"n": 2})]
        assert heard(one) == []


async def test_estimate_reaches_the_encoder(jitsi_lab: JitsiLab) -> None:
    async with Watcher(jitsi_lab, "room") as viewer, Watcher(jitsi_lab, "room", video=PlainPicture(GREEN)) as sender:
        await viewer.frame(of=sender.id)
        sending = sender._media._peer.getSenders()[1]
        await jitsi_lab.bridge.send_remb(sender.id, 1_234_000)
        await eventually(
            lambda: sending._RTCRtpSender__encoder.target_bitrate == pytest.approx(1_234_000, rel=0.01),
            what="the encoder to follow",
        )
