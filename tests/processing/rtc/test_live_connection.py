"""Two real peer connections, over the machine's own address and over a path that loses packets."""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from fractions import Fraction

import av
import pytest
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCRtpSender
from aiortc.mediastreams import MediaStreamError
from counted_pictures import CountedTrack, picture, read_number
from jitsi_lab.addresses import local_media_address
from jitsi_lab.tracks import Tone
from lossy_relay import LossyRelay, Weather

from eyeline.processing.rtc.aiortc_internals import LivePeerConnection, LiveReceiver, LiveSender
from eyeline.processing.rtc.live_track import LiveTrack

pytestmark = pytest.mark.skipif(local_media_address() is None, reason="ICE finds no address on this machine")

PATIENCE_S = 60.0
FRAMES_IN_600_MS = 18  # 400 ms are aimed at, and measured by `eyeline bench`: other work stretches it here


@asynccontextmanager
async def connected(
    *tracks: MediaStreamTrack,
    weather: Weather | None = None,
    seed: int = 1,
    sender: type[RTCPeerConnection] = LivePeerConnection,
    receiver: type[RTCPeerConnection] = LivePeerConnection,
    codec: str | None = None,
) -> AsyncIterator[tuple[RTCPeerConnection, RTCPeerConnection, LossyRelay]]:
    """A sender of tracks and a receiver, negotiated, with a relay between them."""
    first, second = (kind(RTCConfiguration(iceServers=[])) for kind in (sender, receiver))
    try:
        async with LossyRelay(weather or Weather(delay_s=0.0), seed=seed) as relay:
            for track in tracks:
                transceiver = first.addTransceiver(track, "sendonly")
                if codec and track.kind == "video":
                    known = RTCRtpSender.getCapabilities("video").codecs
                    transceiver.setCodecPreferences([each for each in known if each.name in (codec, "rtx")])
            await relay.connect(first, second)
            yield first, second, relay
    finally:
        await first.close()
        await second.close()


async def within(what: Awaitable[object]) -> object:
    return await asyncio.wait_for(what, PATIENCE_S)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 (what is waited for are counters)
            await asyncio.sleep(0.01)


def received(connection: RTCPeerConnection, kind: str = "video") -> MediaStreamTrack:
    return next(each.track for each in connection.getReceivers() if each.track and each.track.kind == kind)


def sending(connection: RTCPeerConnection, kind: str = "video") -> LiveSender:
    sender = next(each for each in connection.getSenders() if each.kind == kind)
    assert isinstance(sender, LiveSender)
    return sender


class OnePicture(MediaStreamTrack):
    """Gives a single picture and then nothing more, for ever."""

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self._given = False

    async def recv(self) -> av.VideoFrame:
        if self._given:
            await asyncio.Event().wait()
        await asyncio.sleep(1.0)  # by then the receiver is ready
        self._given = True
        frame = picture(4711)
        frame.pts, frame.time_base = 0, Fraction(1, 90_000)
        return frame


@pytest.mark.parametrize("codec", ["VP8", "H264"])
async def test_a_picture_comes_without_waiting_for_the_next_one(codec: str) -> None:
    async with connected(OnePicture(), codec=codec) as (_, second, _relay):
        frame = await within(received(second).recv())
        assert isinstance(frame, av.VideoFrame)
        assert read_number(frame) == 4711


async def test_a_connection_is_made_of_our_parts() -> None:
    async with connected(CountedTrack(), Tone()) as (first, second, _):
        assert {type(each) for each in first.getSenders()} == {LiveSender}
        assert {type(each) for each in second.getReceivers()} == {LiveReceiver}
        assert {type(each.track) for each in second.getReceivers()} == {LiveTrack}


@pytest.mark.parametrize(
    ("sender", "receiver"),
    [(LivePeerConnection, RTCPeerConnection), (RTCPeerConnection, LivePeerConnection)],
    ids=["to aiortc", "from aiortc"],
)
async def test_it_talks_with_peers_of_another_make(
    sender: type[RTCPeerConnection], receiver: type[RTCPeerConnection]
) -> None:
    track = CountedTrack()
    async with connected(track, Tone(), sender=sender, receiver=receiver) as (_, second, _relay):
        for kind, count in (("video", 20), ("audio", 50)):
            for _ in range(count):
                frame = await within(received(second, kind).recv())
        assert isinstance(frame, av.AudioFrame)
        assert abs(frame.to_ndarray()).max() > 1000


@pytest.mark.parametrize("seed", [1, 2])
async def test_loss_on_a_path_of_50_ms_costs_few_pictures_and_no_long_freeze(seed: int) -> None:
    track, shown, gaps = CountedTrack(), [], []
    async with connected(track, weather=Weather(loss=0.05), seed=seed) as (first, second, relay):
        last = None
        while track.given < 300:
            frame = await within(received(second).recv())
            assert isinstance(frame, av.VideoFrame)
            shown.append(read_number(frame))
            # pictures that the sender made while nothing new was seen: a freeze, in the sender's own time
            gaps.append(0 if last is None else track.given - last)
            last = track.given
        statistics = sending(first).statistics
        assert relay.lost[0] >= 30
        assert statistics.retransmissions <= relay.lost[0] * 2
    assert shown == sorted(set(shown))
    assert len(shown) >= 0.9 * 300  # 97 % are aimed at, and measured by `eyeline bench`
    assert max(gaps) <= FRAMES_IN_600_MS


async def test_disorder_and_duplicates_do_no_harm() -> None:
    track = CountedTrack()
    weather = Weather(delay_s=0.01, jitter_s=0.02, duplicates=0.1)
    async with connected(track, weather=weather) as (_, second, _relay):
        shown = [read_number(await within(received(second).recv())) for _ in range(100)]  # type: ignore[arg-type]
        receiver = second.getReceivers()[0]
        assert isinstance(receiver, LiveReceiver)
        assert receiver.statistics is not None
        assert receiver.statistics.skips == 0
    assert shown == sorted(set(shown))


async def test_a_path_that_was_gone_for_a_while_comes_back_with_a_keyframe() -> None:
    track = CountedTrack()
    async with connected(track, weather=Weather(delay_s=0.01)) as (first, second, relay):
        for _ in range(20):
            await within(received(second).recv())
        relay.weather = Weather(loss=1.0)
        given = track.given
        await until(lambda: track.given > given + 40)
        asked, keyframes = sending(first).statistics.keyframe_requests, sending(first).statistics.keyframes
        relay.weather = Weather(delay_s=0.01)
        number = -1
        while number < given + 40:
            number = read_number(await within(received(second).recv()))  # type: ignore[arg-type]
        assert sending(first).statistics.keyframes > keyframes
        assert asked < sending(first).statistics.keyframe_requests <= asked + 4


async def test_frames_carry_the_time_of_their_capture() -> None:
    async with connected(CountedTrack(big_clock=True), Tone()) as (_, second, _relay):
        times: dict[str, list[float]] = {"video": [], "audio": []}
        for kind, collected in times.items():
            while len(collected) < 60:
                frame = await within(received(second, kind).recv())
                assert isinstance(frame, av.VideoFrame | av.AudioFrame)
                collected.append(frame.time)
                assert -1.0 < time.monotonic() - frame.time < 20.0
        video = [(later - earlier) * 30 for earlier, later in itertools.pairwise(times["video"])]
        assert min(video) > 0
        off = sorted(abs(frames - max(1, round(frames))) for frames in video)  # a busy machine leaves some out
        assert off[len(off) // 2] < 0.06


async def test_a_keyframe_can_be_asked_for() -> None:
    async with connected(CountedTrack()) as (first, second, _):
        await within(received(second).recv())
        sender = sending(first)
        await until(lambda: sender.statistics.frames > 20)
        before = sender.statistics.keyframes
        sender.request_keyframe()
        await until(lambda: sender.statistics.keyframes > before)


async def test_a_track_that_nobody_reads_holds_next_to_nothing() -> None:
    async with connected(CountedTrack(), Tone()) as (first, second, _):
        await until(lambda: sending(first).statistics.frames > 60)
        for kind, most in (("video", 4), ("audio", 10)):
            track = received(second, kind)
            assert isinstance(track, LiveTrack)
            assert track.dropped > 0
            assert len(track._frames) <= most


async def test_the_end_of_a_sender_ends_the_tracks_of_its_receiver() -> None:
    async with connected(CountedTrack(), Tone()) as (first, second, _):
        tracks = [received(second, kind) for kind in ("video", "audio")]
        await within(tracks[0].recv())
        await first.close()
        for track in tracks:
            with pytest.raises(MediaStreamError):
                await asyncio.wait_for(_drain(track), PATIENCE_S)


async def _drain(track: MediaStreamTrack) -> None:
    while True:
        await track.recv()


class Troubled(CountedTrack):
    """Fails after some pictures, or hangs."""

    def __init__(self, *, hangs: bool) -> None:
        super().__init__()
        self._hangs = hangs

    async def recv(self) -> av.VideoFrame:
        if self.given > 5:
            if self._hangs:
                await asyncio.Event().wait()
            raise RuntimeError("out of order")
        return await super().recv()


async def test_a_track_that_fails_ends_its_stream_with_a_log_and_nothing_else(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tone = Tone()
    async with connected(Troubled(hangs=False), tone) as (_, second, _relay):
        with caplog.at_level(logging.ERROR):
            await until(lambda: "video sender failed" in caplog.text)
        for _ in range(20):
            await within(received(second, "audio").recv())
    assert "out of order" in caplog.text


async def test_a_track_that_hangs_delays_no_end() -> None:
    track = Troubled(hangs=True)
    async with connected(track) as (first, _, _relay):
        await until(lambda: track.given > 5)
        await within(first.close())
        await within(first.close())
        assert first.connectionState == "closed"
        assert track.readyState == "ended"


async def test_closing_leaves_no_task_and_no_thread_behind() -> None:
    async with connected(CountedTrack(), Tone()) as (_, second, _relay):
        await within(received(second).recv())
    names = {task.get_name() for task in asyncio.all_tasks()}
    assert not {name for name in names if "sender" in name or "receiver" in name or "repair" in name}


async def test_statistics_speak_of_both_ends() -> None:
    async with connected(CountedTrack(), weather=Weather(loss=0.05, delay_s=0.01)) as (first, second, _):
        await within(received(second).recv())
        sender = sending(first)
        await until(lambda: sender.round_trip_s is not None)
        sent = [each for each in (await first.getStats()).values() if each.type == "outbound-rtp"]
        heard = [each for each in (await first.getStats()).values() if each.type == "remote-inbound-rtp"]
        got = [each for each in (await second.getStats()).values() if each.type == "inbound-rtp"]
        assert sent[0].packetsSent > 0
        assert heard[0].roundTripTime >= 0.015
        assert sent[0].ssrc in {each.ssrc for each in got}
