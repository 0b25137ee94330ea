"""Media against a second aiortc peer in the same process, over the machine's own address."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext

import pytest
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from media_bridge import BLUE, GREEN, RED, ColorTrack, MediaBridge, ToneTrack, has_media_address, looks_like

from eyeline.integrations.errors import MediaPathError
from eyeline.integrations.events import MediaKind, MeetingEvent, TrackAdded, TrackRemoved, VideoSending
from eyeline.integrations.jitsi.jingle import SessionInitiate, SourceAdd, parse_jingle
from eyeline.integrations.jitsi.media import MediaSession
from eyeline.integrations.jitsi.media_path import PathState

pytestmark = pytest.mark.skipif(not has_media_address(), reason="ICE finds no address on this machine but loopback")

PATIENCE_S = 60.0


class Member:
    """A media session with the events that it reported."""

    def __init__(
        self,
        video: MediaStreamTrack | None = None,
        audio: MediaStreamTrack | None = None,
        *,
        receive_video: bool = False,
        receive_audio: bool = False,
    ) -> None:
        self.events: list[MeetingEvent] = []
        self.session = MediaSession(
            endpoint_id="abcd1234",
            video=video,
            audio=audio,
            ice_servers=(),
            receive_video=receive_video,
            receive_audio=receive_audio,
            on_event=self.events.append,
        )

    def track(self, source: str) -> MediaStreamTrack:
        return next(each.track for each in self.events if isinstance(each, TrackAdded) and each.source == source)

    def removed(self) -> list[str]:
        return [each.source for each in self.events if isinstance(each, TrackRemoved)]


@asynccontextmanager
async def meeting(member: Member, bridge: MediaBridge, *announced: str) -> AsyncIterator[None]:
    try:
        offer = parse_jingle(await bridge.offer(announced))
        assert isinstance(offer, SessionInitiate)
        await bridge.answered(await member.session.accept(offer))
        await member.session.connected(PATIENCE_S)
        yield
    finally:
        await member.session.close()
        await bridge.close()


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await condition():  # noqa: ASYNC110 (what is waited for is a counter of aiortc's)
            await asyncio.sleep(0.02)


async def flowing(bridge: MediaBridge, kind: MediaKind) -> None:
    before = await bridge.packets(kind)

    async def more() -> bool:
        return await bridge.packets(kind) > before + 3

    await until(more)


async def silent(bridge: MediaBridge, kind: MediaKind) -> bool:
    """Whether no packet comes for a time in which many would, once those under way have come."""
    await asyncio.sleep(0.3)
    before = await bridge.packets(kind)
    await asyncio.sleep(0.7)
    return await bridge.packets(kind) == before


async def sees(track: MediaStreamTrack, yuv: tuple[int, int, int], pictures: int = 5) -> None:
    async with asyncio.timeout(PATIENCE_S):
        for _ in range(pictures):
            frame = await track.recv()
            assert looks_like(frame, yuv)


async def test_picture_and_sound_reach_the_bridge() -> None:
    bridge = MediaBridge()
    async with meeting(Member(ColorTrack(RED), ToneTrack()), bridge):
        await sees(bridge.video.receiver.track, RED)
        async with asyncio.timeout(PATIENCE_S):
            frame = await bridge.audio.receiver.track.recv()
        assert frame.sample_rate == 48_000


async def test_the_answer_names_what_is_sent() -> None:
    member, bridge = Member(ColorTrack(RED), ToneTrack()), MediaBridge()
    async with meeting(member, bridge):
        names = {source.name: source for source in member.session.local_sources}
        assert set(names) == {"abcd1234-a0", "abcd1234-v0"}
        assert names["abcd1234-v0"].rtx_ssrc is not None
        assert names["abcd1234-a0"].rtx_ssrc is None


@pytest.mark.parametrize("kind", list(MediaKind))
async def test_mute_stops_rtp_of_one_kind_and_unmute_resumes_it(kind: MediaKind) -> None:
    member, bridge = Member(ColorTrack(RED), ToneTrack()), MediaBridge()
    other = MediaKind.AUDIO if kind is MediaKind.VIDEO else MediaKind.VIDEO
    async with meeting(member, bridge):
        await flowing(bridge, kind)
        member.session.set_muted(kind, True)
        assert await silent(bridge, kind)
        await flowing(bridge, other)
        member.session.set_muted(kind, False)
        await flowing(bridge, kind)


async def test_muted_before_the_offer_sends_nothing() -> None:
    member, bridge = Member(ColorTrack(RED), ToneTrack()), MediaBridge()
    member.session.set_muted(MediaKind.VIDEO, True)
    async with meeting(member, bridge):
        await flowing(bridge, MediaKind.AUDIO)
        assert await bridge.packets(MediaKind.VIDEO) == 0


async def test_pictures_go_on_after_a_pause() -> None:
    member, bridge = Member(ColorTrack(RED)), MediaBridge()
    async with meeting(member, bridge):
        await sees(bridge.video.receiver.track, RED)
        member.session.set_muted(MediaKind.VIDEO, True)
        assert await silent(bridge, MediaKind.VIDEO)
        member.session.set_muted(MediaKind.VIDEO, False)
        await sees(bridge.video.receiver.track, RED, 10)


async def test_a_track_outlives_its_session_and_serves_the_next() -> None:
    video, audio = ColorTrack(GREEN), ToneTrack()
    for _ in range(2):
        bridge = MediaBridge()
        async with meeting(Member(video, audio), bridge):
            await sees(bridge.video.receiver.track, GREEN)
        assert video.readyState == audio.readyState == "live"


async def test_nothing_of_others_is_decoded_unasked() -> None:
    member, bridge = Member(ColorTrack(RED)), MediaBridge({"aaaa1111-v0": ColorTrack(BLUE)})
    async with meeting(member, bridge, "aaaa1111-v0"):
        await flowing(bridge, MediaKind.VIDEO)
        await member.session.add_sources(bridge.source_add("aaaa1111-v0"))
        assert [each for each in member.events if not isinstance(each, VideoSending)] == []


async def test_a_source_of_the_offer_and_one_added_later_are_seen_at_once() -> None:
    member = Member(ColorTrack(RED), receive_video=True)
    bridge = MediaBridge({"aaaa1111-v0": ColorTrack(BLUE), "bbbb2222-v0": ColorTrack(GREEN)})
    async with meeting(member, bridge, "aaaa1111-v0"):
        await sees(member.track("aaaa1111-v0"), BLUE)
        await member.session.add_sources(bridge.source_add("bbbb2222-v0"))
        async with asyncio.TaskGroup() as group:
            group.create_task(sees(member.track("aaaa1111-v0"), BLUE, 10))
            group.create_task(sees(member.track("bbbb2222-v0"), GREEN, 10))
        added = [each for each in member.events if isinstance(each, TrackAdded)]
        assert [each.participant_id for each in added] == ["aaaa1111", "bbbb2222"]
    assert member.removed() == ["aaaa1111-v0", "bbbb2222-v0"]


async def test_a_stream_that_nobody_announced_enters_no_picture() -> None:
    member = Member(receive_video=True)
    bridge = MediaBridge({"aaaa1111-v0": ColorTrack(BLUE), "stranger-v0": ColorTrack(GREEN)})
    async with meeting(member, bridge, "aaaa1111-v0"):
        await sees(member.track("aaaa1111-v0"), BLUE, 20)
        transport = bridge.connection.getTransceivers()[0].receiver.transport
        assert transport.state == "connected"


async def test_retransmissions_reach_every_received_source() -> None:
    member = Member(receive_video=True)
    names = ["aaaa1111-v0", "bbbb2222-v0"]
    bridge = MediaBridge(dict(zip(names, (ColorTrack(BLUE), ColorTrack(GREEN)), strict=True)))
    async with meeting(member, bridge, *names):
        vp8 = next(each.payloadType for each in bridge.connection.getTransceivers()[2]._codecs if each.name == "VP8")
        assert vp8 is not None
        bridge.lose(7, vp8)
        repairs = {bridge.source(name).rtx_ssrc for name in names}

        async def repaired() -> bool:
            stats = (await member.session._connection.getStats()).values()
            return repairs <= {each.ssrc for each in stats if each.type == "inbound-rtp"}

        await until(repaired)
        async with asyncio.TaskGroup() as group:
            group.create_task(sees(member.track(names[0]), BLUE, 10))
            group.create_task(sees(member.track(names[1]), GREEN, 10))


async def test_sound_of_others_is_received_when_asked_for() -> None:
    member = Member(receive_audio=True)
    bridge = MediaBridge({"aaaa1111-a0": ToneTrack(), "aaaa1111-v0": ColorTrack(BLUE)})
    async with meeting(member, bridge, "aaaa1111-a0", "aaaa1111-v0"):
        async with asyncio.timeout(PATIENCE_S):
            loudest = 0
            while loudest < 1000:
                frame = await member.track("aaaa1111-a0").recv()
                loudest = abs(frame.to_ndarray()).max()
        assert [type(each) for each in member.events] == [TrackAdded]


async def test_a_removed_source_ends_its_track_and_may_come_back() -> None:
    member = Member(receive_video=True)
    bridge = MediaBridge({"aaaa1111-v0": ColorTrack(BLUE), "bbbb2222-v0": ColorTrack(GREEN)})
    async with meeting(member, bridge, "aaaa1111-v0", "bbbb2222-v0"):
        first = member.track("aaaa1111-v0")
        await sees(first, BLUE)
        await member.session.remove_sources(bridge.source_remove("aaaa1111-v0"))
        assert member.removed() == ["aaaa1111-v0"]
        with pytest.raises(MediaStreamError):
            await first.recv()
        await sees(member.track("bbbb2222-v0"), GREEN)
        member.events.clear()
        await member.session.add_sources(bridge.source_add("aaaa1111-v0"))
        await sees(member.track("aaaa1111-v0"), BLUE)


async def test_whoever_waits_for_a_frame_is_told_that_none_will_come() -> None:
    member, bridge = Member(receive_video=True), MediaBridge({"aaaa1111-v0": ColorTrack(BLUE)})
    try:
        offer = parse_jingle(await bridge.offer(["aaaa1111-v0"]))
        assert isinstance(offer, SessionInitiate)
        await member.session.accept(offer)  # never told to the bridge, so that nothing is ever decoded
        waiting = asyncio.create_task(member.track("aaaa1111-v0").recv())
        await asyncio.sleep(0.1)
        assert not waiting.done()
    finally:
        await member.session.close()
        await bridge.close()
    with pytest.raises(MediaStreamError):
        await asyncio.wait_for(waiting, PATIENCE_S)


async def test_the_end_of_the_bridge_is_noticed() -> None:
    member, bridge = Member(ColorTrack(RED)), MediaBridge()
    async with meeting(member, bridge):
        assert member.session.state is PathState.OPEN
        await bridge.close()
        await asyncio.wait_for(member.session.wait_closed(), PATIENCE_S)
        assert member.session.state is PathState.GONE


async def test_an_unreachable_bridge_is_named_in_the_error() -> None:
    member, bridge = Member(ColorTrack(RED)), MediaBridge()
    try:
        offer = parse_jingle(await bridge.offer())
        assert isinstance(offer, SessionInitiate)
        await member.session.accept(offer)
        with pytest.raises(MediaPathError, match="did not answer") as caught:
            await member.session.connected(0.2)
        assert "UDP" in caught.value.hint
        assert offer.transport.candidates[0].ip in caught.value.message
    finally:
        await member.session.close()
        await bridge.close()


async def test_a_wrong_certificate_opens_no_path() -> None:
    member, bridge = Member(ColorTrack(RED)), MediaBridge()
    try:
        jingle = await bridge.offer()
        for fingerprint in jingle.iter("{urn:xmpp:jingle:apps:dtls:0}fingerprint"):
            fingerprint.text = ":".join(["00"] * 32)
        offer = parse_jingle(jingle)
        assert isinstance(offer, SessionInitiate)
        await bridge.answered(await member.session.accept(offer))
        with pytest.raises(MediaPathError, match="No media path"):
            await member.session.connected(PATIENCE_S)
    finally:
        await member.session.close()
        await bridge.close()


async def test_closing_is_safe_at_any_time() -> None:
    unused = Member(ColorTrack(RED))
    await unused.session.close()
    await unused.session.close()
    await unused.session.wait_closed()
    member, bridge = Member(ColorTrack(RED), receive_video=True), MediaBridge()
    offer = parse_jingle(await bridge.offer())
    assert isinstance(offer, SessionInitiate)
    await member.session.accept(offer)
    await member.session.close()
    await member.session.add_sources(SourceAdd(bridge.sid, (bridge.placeholder(),)))
    with pytest.raises(MediaPathError):
        await member.session.connected(PATIENCE_S)
    await bridge.close()


@pytest.mark.parametrize("steps", range(0, 40, 4))
async def test_closing_during_the_answer_leaves_no_track_behind(steps: int) -> None:
    member, bridge = Member(ColorTrack(RED), receive_video=True), MediaBridge({"aaaa1111-v0": ColorTrack(BLUE)})
    offer = parse_jingle(await bridge.offer(["aaaa1111-v0"]))
    assert isinstance(offer, SessionInitiate)
    accepting = asyncio.create_task(member.session.accept(offer))
    for _ in range(steps):
        await asyncio.sleep(0)
    in_time = accepting.done()
    await member.session.close()
    with nullcontext() if in_time else pytest.raises(MediaPathError, match="closed while"):
        await accepting
    added = [each.source for each in member.events if isinstance(each, TrackAdded)]
    assert member.removed() == added
    await bridge.close()
