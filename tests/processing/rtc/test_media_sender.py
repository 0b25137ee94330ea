"""From a track to packets, with real encoders and without a network."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from fractions import Fraction

import av
import numpy as np
import pytest
from aiortc import MediaStreamTrack
from aiortc.codecs import depayload
from aiortc.mediastreams import MediaStreamError
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    HeaderExtensionsMap,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtpPacket,
    pack_remb_fci,
    unwrap_rtx,
)
from counted_pictures import CountedTrack, picture, read_number
from rtp_lab import VP8

from eyeline.processing.rtc.decoder import VideoDecoder
from eyeline.processing.rtc.errors import EncoderError
from eyeline.processing.rtc.frame_encoder import FrameEncoder
from eyeline.processing.rtc.keyframes import RETURN_INTERVAL_S
from eyeline.processing.rtc.media_sender import MediaSender
from eyeline.processing.rtc.ntp import middle_32
from eyeline.processing.rtc.outgoing_stream import OutgoingStream, StreamFormat
from eyeline.processing.rtc.pacer import FramePacer
from eyeline.processing.rtc.payload_formats import KeyframeStart, keyframe_start

SSRC, RTX_SSRC = 1234, 5678
PATIENCE_S = 60.0
OPUS = RTCRtpCodecParameters("audio/opus", 48_000, channels=2, payloadType=111)


class ListTrack(MediaStreamTrack):
    """Gives frames as fast as they are read, then ends."""

    def __init__(self, frames: list[av.VideoFrame] | list[av.AudioFrame], kind: str = "video") -> None:
        super().__init__()
        self.kind = kind
        self.read = 0
        self._frames = frames

    async def recv(self) -> av.VideoFrame | av.AudioFrame:
        if self.read == len(self._frames):
            raise MediaStreamError
        self.read += 1
        await asyncio.sleep(0)
        return self._frames[self.read - 1]


class Outlet:
    """A sender with everything that it sends."""

    def __init__(self, codec: RTCRtpCodecParameters = VP8, kind: str = "video") -> None:
        self.sent: list[RtpPacket] = []
        self.turns: list[int] = []
        self._turn = 0
        stream = OutgoingStream(
            StreamFormat(SSRC, codec.payloadType or 0, codec.clockRate, RTX_SSRC, 98, "0", HeaderExtensionsMap())
        )
        self.sender = MediaSender([stream], FrameEncoder(codec, kind), self._send)

    async def _send(self, packets: Sequence[bytes]) -> None:
        self.sent += map(RtpPacket.parse, packets)
        self.turns += [self._turn] * len(packets)

    async def run(self, track: MediaStreamTrack) -> None:
        counting = asyncio.create_task(self._count_turns())
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self.sender.run(lambda: track, lambda: True)
        finally:
            counting.cancel()
            self.sender.close()

    async def _count_turns(self) -> None:
        while True:
            await asyncio.sleep(0)
            self._turn += 1

    def pictures(self) -> list[list[RtpPacket]]:
        frames: dict[int, list[RtpPacket]] = {}
        for packet in self.sent:
            if packet.ssrc == SSRC:
                frames.setdefault(packet.timestamp, []).append(packet)
        return list(frames.values())

    def keyframes(self) -> list[int]:
        starts = [keyframe_start("VP8", frame[0].payload) is KeyframeStart.YES for frame in self.pictures()]
        return [number for number, starts_keyframe in enumerate(starts) if starts_keyframe]


def pictures(count: int, *, size: tuple[int, int] = (640, 360), detail: int = 12) -> list[av.VideoFrame]:
    frames = []
    for number in range(count):
        frame = picture(number, *size, detail=detail)
        frame.pts, frame.time_base = number, Fraction(1, 30)
        frames.append(frame)
    return frames


def sound(count: int, samples: int = 960) -> list[av.AudioFrame]:
    frames = []
    for number in range(count):
        wave = (9000 * np.sin(np.arange(samples) * 0.05)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(wave.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, number * samples, Fraction(1, 48_000)
        frames.append(frame)
    return frames


async def test_what_is_sent_decodes_to_what_the_track_gave() -> None:
    outlet = Outlet()
    await outlet.run(ListTrack(pictures(10)))
    decoded: list[int] = []
    decoder = VideoDecoder(lambda frame: decoded.append(read_number(frame)), lambda: None)
    for number, frame in enumerate(outlet.pictures()):
        data = b"".join(depayload(VP8, packet.payload) for packet in frame)
        decoder.submit(VP8, data, number, is_keyframe=number == 0)
    async with asyncio.timeout(PATIENCE_S):
        while len(decoded) < 10:  # noqa: ASYNC110 (the decoder's thread delivers)
            await asyncio.sleep(0.005)
    decoder.close()
    assert decoded == list(range(10))
    assert outlet.sender.statistics.frames == 10


async def test_a_track_is_read_only_when_its_last_frame_has_left() -> None:
    track = ListTrack(pictures(5, size=(1280, 720), detail=200))
    outlet = Outlet()
    ahead: list[int] = []
    original = outlet._send

    async def send(packets: Sequence[bytes]) -> None:
        await original(packets)
        ahead.append(track.read - len(outlet.pictures()))

    outlet.sender._send = send
    await outlet.run(track)
    assert set(ahead) == {0}


async def test_a_large_frame_lets_others_send_in_between() -> None:
    outlet = Outlet()
    await outlet.run(ListTrack(pictures(1, size=(1280, 720), detail=200)))
    count = len(outlet.sent)
    assert count > 40
    first_burst = outlet.turns.count(outlet.turns[0])
    assert first_burst == FramePacer(count).allowed(0.0) < count / 4


async def test_a_storm_of_requests_makes_few_keyframes() -> None:
    outlet = Outlet()
    track = CountedTrack(30, 320, 240)
    pli = RtcpPsfbPacket(RTCP_PSFB_PLI, 1, SSRC)

    async def storm() -> None:
        while track.given < 60:
            await outlet.sender.take_feedback(pli)
            await asyncio.sleep(0.005)
        track.stop()

    await asyncio.gather(outlet.run(track), storm())
    gaps = np.diff([outlet.pictures()[number][0].timestamp % (1 << 32) for number in outlet.keyframes()]) % (1 << 32)
    assert len(gaps) >= 2
    assert min(gaps) >= 90_000 * 0.3  # 400 ms when encoding began, a frame or two less when captured
    assert outlet.sender.statistics.keyframe_requests > len(gaps) * 3


async def test_lost_packets_are_repeated_once() -> None:
    outlet = Outlet()
    await outlet.run(ListTrack(pictures(3)))
    originals = {packet.sequence_number: packet for packet in outlet.sent}
    lost = list(originals)[1:3]
    for _ in range(3):
        await outlet.sender.take_feedback(RtcpRtpfbPacket(RTCP_RTPFB_NACK, 1, SSRC, lost))
    repeated = [unwrap_rtx(packet, 97, SSRC) for packet in outlet.sent if packet.ssrc == RTX_SSRC]
    assert [packet.sequence_number for packet in repeated] == lost
    assert all(packet.payload == originals[packet.sequence_number].payload for packet in repeated)


async def test_reports_tell_the_round_trip() -> None:
    outlet = Outlet()
    assert outlet.sender.sender_infos() == {}
    await outlet.run(ListTrack(pictures(1)))
    info = outlet.sender.sender_infos().get(SSRC)
    assert info is not None
    report = RtcpReceiverInfo(SSRC, 12, 3, 0, 0, lsr=middle_32(info.ntp_timestamp), dlsr=0)
    await outlet.sender.take_feedback(RtcpRrPacket(1, [report]))
    assert outlet.sender.round_trip.value_s is not None
    assert outlet.sender.reports[SSRC] == report


async def test_an_estimate_for_others_changes_nothing() -> None:
    outlet = Outlet()
    for ssrc, bitrate_bps in ((SSRC, 700_000), (99, 300_000)):
        fci = pack_remb_fci(bitrate_bps, [ssrc])
        await outlet.sender.take_feedback(RtcpPsfbPacket(RTCP_PSFB_APP, 1, 0, fci))
    await outlet.sender.take_feedback(RtcpPsfbPacket(RTCP_PSFB_APP, 1, 0, b"nothing of REMB"))
    await outlet.run(ListTrack(pictures(1)))
    assert outlet.sender._encoder.tuning.rate_bps(time.monotonic()) == pytest.approx(700_000, rel=0.01)


async def test_sound_in_long_frames_becomes_packets_with_times_of_their_own() -> None:
    outlet = Outlet(OPUS, "audio")
    await outlet.run(ListTrack(sound(20, samples=1536), "audio"))
    timestamps = np.array([packet.timestamp for packet in outlet.sent])
    assert len(timestamps) >= 30
    assert set(np.diff(timestamps) % (1 << 32)) == {960}


async def test_sound_that_the_encoder_stumbles_over_keeps_its_clock() -> None:
    outlet = Outlet(OPUS, "audio")
    frames = sound(20)
    for frame in frames[10:]:
        frame.pts += 4800  # 100 ms are missing; aiortc's resampler refuses such frames
    await outlet.run(ListTrack(frames, "audio"))
    steps = np.diff([packet.timestamp for packet in outlet.sent]) % (1 << 32)
    assert max(steps) >= 960 + 4800
    assert min(set(steps)) == 960
    assert len(outlet.sent) >= 18


async def test_a_frame_without_a_time_is_told() -> None:
    frames = pictures(6)
    frames[2] = av.VideoFrame(640, 360, "yuv420p")
    outlet = Outlet()
    with pytest.raises(ValueError, match="time"):
        await outlet.run(ListTrack(frames))
    assert outlet.sender.statistics.frames == 2


async def test_an_encoder_that_fails_for_good_ends_the_stream() -> None:
    outlet = Outlet()
    with pytest.raises(EncoderError):
        await outlet.run(ListTrack(sound(10)))  # an encoder of video refuses sound
    assert outlet.sent == []


async def test_the_end_of_the_connection_is_the_end_of_sending() -> None:
    outlet = Outlet()

    async def send(_: Sequence[bytes]) -> None:
        raise ConnectionError

    outlet.sender._send = send
    track = ListTrack(pictures(5))
    await outlet.run(track)
    assert track.read == 1


async def test_the_event_loop_does_little_of_the_work() -> None:
    outlet, track = Outlet(), ListTrack(pictures(10, size=(1280, 720)))
    begun_s = time.thread_time()
    await outlet.sender.run(lambda: track, lambda: True)
    outlet.sender.close()
    assert time.thread_time() - begun_s < outlet.sender.statistics.encode_s


async def test_who_looks_again_has_a_keyframe_first() -> None:
    outlet = Outlet()

    class Paused(ListTrack):
        async def recv(self) -> av.VideoFrame | av.AudioFrame:
            if self.read == 5:
                outlet.sender.wanted(0)
            if self.read == 10:
                await asyncio.sleep(RETURN_INTERVAL_S)
                outlet.sender.wanted(None)
            return await super().recv()

    await outlet.run(Paused(pictures(15)))
    assert outlet.keyframes() == [0, 5]
    assert len(outlet.pictures()) == 10
