"""A WebRTC sender as camera and microphone, over real connections and real codecs."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import numpy as np
import pytest
from aiortc import RTCIceGatherer, RTCPeerConnection
from aiortc.mediastreams import MediaStreamError
from av import VideoFrame
from busy_machine import holds_soon
from counted_pictures import CountedTrack, picture
from jitsi_lab.addresses import local_media_address
from sender_lab import RATE_HZ, TONE_HZ, Sender, ToneTrack, number_in
from source_lab import until_async

from eyeline.processing.frame import CapturedFrame
from eyeline.processing.sources import webrtc_source
from eyeline.processing.sources.blocks import AudioBlock
from eyeline.processing.sources.fitting import Box
from eyeline.processing.sources.state import SourcePhase, SourceState
from eyeline.processing.sources.webrtc import Answer, IngestSession
from eyeline.processing.sources.webrtc_offer import OfferError, offered_kinds
from eyeline.processing.sources.webrtc_source import SenderAudio, SenderVideo

BOX = Box(1280, 720, 60)
LIVE, LOST, WAITING, STOPPED = SourcePhase.RUNNING, SourcePhase.LOST, SourcePhase.WAITING, SourcePhase.STOPPED


@dataclass
class Watch:
    """A session with both of its sources open, and what they delivered."""

    session: IngestSession
    frames: list[CapturedFrame] = field(default_factory=list)
    blocks: list[AudioBlock] = field(default_factory=list)
    arrived_s: list[float] = field(default_factory=list)
    states: list[SourceState] = field(default_factory=list)
    video: SenderVideo | None = None
    audio: SenderAudio | None = None

    @property
    def phases(self) -> list[SourcePhase]:
        return [state.phase for state in self.states]

    def see(self, frame: CapturedFrame) -> None:
        self.arrived_s.append(time.monotonic())
        self.frames.append(frame)

    async def connect(self, sender: Sender) -> Answer:
        answer = await self.session.answer(await sender.offer())
        await sender.accept(answer.sdp)
        return answer

    async def see_more(self, count: int = 5) -> list[CapturedFrame]:
        seen = len(self.frames)
        await until_async(lambda: len(self.frames) >= seen + count)
        return self.frames[seen:]

    async def enter(self, phase: SourcePhase) -> None:
        await until_async(lambda: self.states[-1].phase is phase)


@pytest.fixture
async def watch() -> AsyncIterator[Watch]:
    if local_media_address() is None:
        pytest.skip("needs a network address besides loopback: ICE offers none of 127.0.0.0/8")
    async with IngestSession({"video", "audio"}) as session:
        watch = Watch(session)
        watch.video = session.video(BOX, on_frame=watch.see, on_state=watch.states.append)
        watch.audio = session.audio(on_block=watch.blocks.append)
        async with watch.video, watch.audio:
            yield watch


@pytest.mark.parametrize("codec", ["VP8", "H264"])
async def test_pictures_arrive_in_order_with_their_capture_times(watch: Watch, codec: str) -> None:
    async with Sender(CountedTrack(), codec=codec) as sender:
        await watch.connect(sender)
        frames = await watch.see_more(30)
    numbers = [number_in(frame.image) for frame in frames]
    assert numbers == sorted(set(numbers))
    times_s = [frame.captured_at_s for frame in frames]
    assert times_s == sorted(times_s)
    steps = np.diff(times_s) / np.diff(numbers)
    assert np.median(steps) == pytest.approx(1 / 30, rel=0.1)
    assert all(0 <= seen_s - frame.captured_at_s < 20 for seen_s, frame in zip(watch.arrived_s, frames, strict=False))


async def test_the_picture_is_the_one_that_was_sent(watch: Watch) -> None:
    async with Sender(CountedTrack(), codec="VP8") as sender:
        await watch.connect(sender)
        image = (await watch.see_more(10))[-1].image
    number = number_in(image)
    sent = picture(number % 8, 640, 360).to_ndarray()[:360]
    assert image.size == (640, 360)
    assert np.abs(image.y[40:].astype(int) - sent[40:]).mean() < 8
    assert abs(int(np.median(image.u)) - 128) < 4


async def test_h264_is_preferred_where_it_is_offered(watch: Watch) -> None:
    async with Sender(CountedTrack()) as sender:
        answer = await watch.connect(sender)
        await watch.see_more(1)
    formats = [line for line in answer.sdp.splitlines() if line.startswith("a=rtpmap:")]
    assert "H264/90000" in formats[0]
    assert any("VP8/90000" in line for line in formats)
    assert "x-google-start-bitrate=2000" in answer.sdp
    assert "a=recvonly" in answer.sdp
    assert "a=sendrecv" not in answer.sdp


class GrowingTrack(CountedTrack):
    """Changes its size while it is sent."""

    async def recv(self) -> VideoFrame:
        frame = await super().recv()
        if self.number < 20:
            return frame
        turned = picture(self.number, 360, 640)
        turned.pts, turned.time_base = frame.pts, frame.time_base
        return turned


@pytest.mark.parametrize("codec", ["VP8", "H264"])
async def test_the_size_changes_while_it_runs(watch: Watch, codec: str) -> None:
    async with Sender(GrowingTrack(), codec=codec) as sender:
        await watch.connect(sender)
        await until_async(lambda: (360, 640) in [frame.image.size for frame in watch.frames])
    assert watch.frames[0].image.size == (640, 360)
    assert watch.phases.count(LIVE) == 1


async def test_what_is_too_large_is_made_to_fit() -> None:
    if local_media_address() is None:
        pytest.skip("needs a network address besides loopback: ICE offers none of 127.0.0.0/8")
    frames: list[CapturedFrame] = []
    async with (
        IngestSession({"video"}) as session,
        session.video(Box(320, 320, 30), on_frame=frames.append),
        Sender(CountedTrack(), codec="VP8") as sender,
    ):
        await sender.accept((await session.answer(await sender.offer())).sdp)
        await until_async(lambda: len(frames) > 3)
    assert {frame.image.size for frame in frames} == {(320, 180)}


async def test_who_stops_may_come_back(watch: Watch) -> None:
    assert watch.phases == [WAITING]
    async with Sender(CountedTrack()) as sender:
        await watch.connect(sender)
        await watch.enter(LIVE)
        assert watch.session.sender_id
    await watch.enter(LOST)
    assert watch.session.sender_id == ""
    assert watch.states[-1].detail == "The browser has closed the connection. Waiting for it to come back."
    async with Sender(CountedTrack()) as sender:
        await watch.connect(sender)
        await watch.enter(LIVE)
    assert watch.phases[:4] == [WAITING, LIVE, LOST, LIVE]


async def test_the_newest_sender_takes_over(watch: Watch) -> None:
    async with Sender(CountedTrack()) as old, Sender(CountedTrack(width_px=320, height_px=180)) as new:
        first = await watch.connect(old)
        await watch.enter(LIVE)
        second = await watch.connect(new)
        await until_async(lambda: watch.frames[-1].image.size == (320, 180))
        await until_async(lambda: old.connection.connectionState == "closed")
        assert {frame.image.size for frame in await watch.see_more()} == {(320, 180)}
        assert watch.session.sender_id == second.sender_id != first.sender_id
        assert watch.phases == [WAITING, LIVE]


async def test_a_bad_offer_does_not_disturb_who_is_there(watch: Watch) -> None:
    async with Sender(CountedTrack()) as sender:
        answer = await watch.connect(sender)
        await watch.see_more()
        with pytest.raises(OfferError):
            await watch.session.answer("v=0\r\nnonsense")
        await watch.see_more()
        assert watch.session.sender_id == answer.sender_id
        assert not watch.session.hang_up("somebody-else")
        assert not watch.session.hang_up("")
        await watch.see_more()


async def test_a_good_bye_is_taken_at_once(watch: Watch) -> None:
    async with Sender(CountedTrack()) as sender:
        answer = await watch.connect(sender)
        await watch.enter(LIVE)
        assert watch.session.hang_up(answer.sender_id)
        await watch.enter(LOST)
        assert watch.states[-1].detail == "The page was closed. Waiting for it to come back."
        seen = len(watch.frames)
        await asyncio.sleep(0.3)
        assert len(watch.frames) <= seen + 1


class HaltingTrack(CountedTrack):
    """Gives nothing while `halted` is set."""

    halted = False

    async def recv(self) -> VideoFrame:
        while self.halted:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        if self.readyState != "live":
            raise MediaStreamError
        return await super().recv()


async def test_a_sender_that_stalls_is_told(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webrtc_source, "SILENCE_S", 0.5)
    track = HaltingTrack()
    async with Sender(track, codec="VP8") as sender:
        await watch.connect(sender)
        await watch.enter(LIVE)
        track.halted = True
        await watch.enter(LOST)
        assert "has sent nothing" in watch.states[-1].detail
        track.halted = False
        await watch.enter(LIVE)


async def test_a_pause_delivers_nothing_and_loses_nothing(watch: Watch) -> None:
    assert watch.video is not None
    async with Sender(CountedTrack()) as sender:
        await watch.connect(sender)
        await watch.enter(LIVE)
        watch.video.pause()
        await asyncio.sleep(0.3)
        seen = len(watch.frames)
        await asyncio.sleep(0.5)
        assert len(watch.frames) == seen
        watch.video.resume()
        await watch.see_more()
    assert watch.phases[:2] == [WAITING, LIVE]


async def test_sound_arrives_on_one_time_line(watch: Watch) -> None:
    def newest_blocks_are_right() -> None:
        assert len(watch.blocks) >= 100
        blocks = watch.blocks[-50:]
        assert {(block.samples.ndim, str(block.samples.dtype)) for block in blocks} == {(1, "int16")}
        ends_s = [block.captured_at_s + len(block.samples) / RATE_HZ for block in blocks]
        gaps_s = np.array([block.captured_at_s for block in blocks[1:]]) - ends_s[:-1]
        assert np.median(np.abs(gaps_s)) < 0.001
        assert abs(gaps_s.sum()) < 0.1, "the sender's first reports may move its clock, but not for long"
        sound = np.concatenate([block.samples for block in blocks]).astype(float)
        loudest = np.abs(np.fft.rfft(sound)).argmax() * RATE_HZ / len(sound)
        assert loudest == pytest.approx(TONE_HZ, abs=5)
        assert np.abs(sound).max() > 4000

    async with Sender(CountedTrack(), ToneTrack()) as sender:
        await watch.connect(sender)
        await holds_soon(newest_blocks_are_right)


async def test_what_is_not_wanted_is_not_taken() -> None:
    if local_media_address() is None:
        pytest.skip("needs a network address besides loopback: ICE offers none of 127.0.0.0/8")
    frames: list[CapturedFrame] = []
    async with (
        IngestSession({"video"}) as session,
        session.video(BOX, on_frame=frames.append),
        Sender(CountedTrack(), ToneTrack()) as sender,
    ):
        answer = await session.answer(await sender.offer())
        await sender.accept(answer.sdp)
        await until_async(lambda: len(frames) > 3)
    assert answer.sdp.count("a=inactive") == 1
    assert answer.sdp.count("a=recvonly") == 1


async def test_leaving_closes_the_connection_and_the_threads() -> None:
    if local_media_address() is None:
        pytest.skip("needs a network address besides loopback: ICE offers none of 127.0.0.0/8")
    states: list[SourceState] = []
    async with Sender(CountedTrack()) as sender:
        async with IngestSession({"video"}) as session:
            source = session.video(BOX, on_frame=lambda _: None, on_state=states.append)
            async with source:
                await source.opened()
                await sender.accept((await session.answer(await sender.offer())).sdp)
                await until_async(lambda: states[-1].phase is LIVE)
        await until_async(lambda: sender.connection.connectionState == "closed")
    assert states[-1].phase is STOPPED


async def test_no_public_server_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    offer = await offer_of("video")
    asked: list[str] = []
    monkeypatch.setattr(RTCIceGatherer, "getDefaultIceServers", lambda: asked.append("the default one") or [])
    async with IngestSession({"video"}) as session:
        await session.answer(offer)
    assert asked == []


async def offer_of(*kinds: str) -> str:
    connection = RTCPeerConnection()
    for kind in kinds:
        if kind == "data":
            connection.createDataChannel("data")
        else:
            connection.addTransceiver(kind, direction="sendonly")
    await connection.setLocalDescription(await connection.createOffer())
    await connection.close()
    return connection.localDescription.sdp


@pytest.mark.parametrize(
    ("kinds", "reason"),
    [
        (("data",), "sends no audio and no video"),
        (("video", "video"), "several sections of one kind"),
        (("audio", *["data"]), None),
    ],
)
async def test_offers_by_what_is_in_them(kinds: tuple[str, ...], reason: str | None) -> None:
    offer = await offer_of(*kinds)
    async with IngestSession({"video", "audio"}) as session:
        if reason is None:
            assert "m=audio" in (await session.answer(offer)).sdp
        else:
            with pytest.raises(OfferError, match=reason):
                await session.answer(offer)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("a=fingerprint", "a=x-fingerprint", "no DTLS fingerprint"),
        ("a=ice-pwd", "a=x-ice-pwd", "no ICE credentials"),
        ("a=sendonly", "a=recvonly", "sends no video"),
        (" VP8/| H264/", " X/", "cannot be answered"),
        ("m=video", "m=video 9", "no session description"),
        ("\r\nm=(.|\n)*", "", "0 media sections"),
        ("(.|\n)*", "hello", "0 media sections"),
        ("(.|\n)*", "", "0 media sections"),
    ],
)
async def test_offers_that_cannot_be_answered(old: str, new: str, reason: str) -> None:
    offer = re.sub(old, new, await offer_of("video"))
    async with IngestSession({"video"}) as session:
        with pytest.raises(OfferError, match=reason) as caught:
            await session.answer(offer)
        assert caught.value.hint
        assert session.sender_id == ""


async def test_whatever_is_sent_is_refused_with_one_kind_of_error() -> None:
    """Pieces of a real offer, lines left out and changed."""
    lines = (await offer_of("video", "audio")).splitlines()
    picker = random.Random(4)
    for _ in range(300):
        damaged = [line for line in lines if picker.random() > 0.1]
        at = picker.randrange(len(damaged))
        damaged[at] = damaged[at][: picker.randrange(len(damaged[at]) + 1)] + picker.choice(
            ["", "0", " x", "\x00", "é"]
        )
        with contextlib.suppress(OfferError):
            offered_kinds("\r\n".join(damaged), {"video"})
