"""Three layers through the sender, with real encoders and without a network; and over a path that narrows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from typing import Self

import av
import pytest
from aiortc import MediaStreamTrack
from aiortc.codecs.vpx import VpxPayloadDescriptor
from aiortc.mediastreams import MediaStreamError
from aiortc.rtcrtpparameters import RTCRtcpParameters, RTCRtpSendParameters
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtpPacket,
    pack_remb_fci,
    unwrap_rtx,
)
from moving_clip import frame
from rtp_lab import VP8, VP8_RTX

from eyeline.processing.rtc import keyframes
from eyeline.processing.rtc.opening import open_media
from eyeline.processing.rtc.outgoing_stream import StreamSsrcs
from eyeline.processing.rtc.payload_formats import KeyframeStart, keyframe_start
from eyeline.processing.rtc.video_step import VideoStep

LAYERS = [StreamSsrcs(11, 12), StreamSsrcs(21, 22), StreamSsrcs(31, 32)]
HIGH_FIRST = [31, 21, 11]


@cache
def shown(number: int) -> av.VideoFrame:
    return frame(number % 20)


class Paced(MediaStreamTrack):
    """Pictures of 1280x720 one after the other, each when the test allows it."""

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self.number = 0
        self._allowed = asyncio.Semaphore(0)
        self.idle = asyncio.Event()

    async def recv(self) -> av.VideoFrame:
        self.idle.set()
        await self._allowed.acquire()
        if self.readyState != "live":
            raise MediaStreamError
        picture = shown(self.number)
        picture.pts, picture.time_base = self.number, Fraction(1, 30)
        self.number += 1
        return picture

    async def give(self, count: int = 1) -> None:
        for _ in range(count):
            self.idle.clear()
            self._allowed.release()
            async with asyncio.timeout(60):
                await self.idle.wait()


class Sending:
    """A sender of layers with everything that it sends."""

    def __init__(self) -> None:
        self.sent: list[RtpPacket] = []
        self.steps: list[VideoStep] = []
        self.track = Paced()
        parameters = RTCRtpSendParameters(codecs=[VP8, VP8_RTX], muxId="video", rtcp=RTCRtcpParameters(cname="me"))
        self.media = open_media("video", parameters, LAYERS, self._send)
        self.media.tell_steps(self.steps.append)
        self.task = asyncio.create_task(self.media.run(lambda: self.track, lambda: True))

    async def _send(self, packets: Sequence[bytes]) -> None:
        self.sent += map(RtpPacket.parse, packets)

    async def pictures(self, count: int = 1) -> list[RtpPacket]:
        """What is sent for so many pictures."""
        before = len(self.sent)
        async with asyncio.timeout(60):
            await self.track.idle.wait()
        await self.track.give(count)
        return self.sent[before:]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        self.media.close()


def keyed(packets: list[RtpPacket]) -> list[int]:
    """The SSRCs on which a keyframe begins, in order."""
    return [p.ssrc for p in packets if keyframe_start("VP8", p.payload) is KeyframeStart.YES]


def order(packets: list[RtpPacket]) -> list[int]:
    return list(dict.fromkeys(packet.ssrc for packet in packets))


async def eventually_keyed(sending: Sending, feedback: Callable[[], object]) -> list[RtpPacket]:
    await sending.pictures(2)
    await asyncio.sleep(keyframes.LAYERED_GROUP_S)  # what comes sooner counts as one with the first, and is made again
    await feedback()  # type: ignore[misc]
    return await sending.pictures()


@pytest.mark.parametrize("ssrc", [11, 31, 999])
@pytest.mark.parametrize("kind", [RTCP_PSFB_PLI, RTCP_PSFB_FIR])
async def test_a_request_on_any_ssrc_keys_all_layers_in_one_picture_tallest_first(ssrc: int, kind: int) -> None:
    async with Sending() as sending:
        packets = await eventually_keyed(
            sending, lambda: sending.media.take_feedback(RtcpPsfbPacket(kind, 1, ssrc, b"" if kind == 1 else bytes(8)))
        )
        assert keyed(packets) == HIGH_FIRST
        assert order(packets) == HIGH_FIRST
        assert keyed(await sending.pictures(3)) == []


async def test_requests_that_come_together_make_one_group() -> None:
    async with Sending() as sending:
        await eventually_keyed(sending, lambda: sending.media.take_feedback(RtcpPsfbPacket(RTCP_PSFB_PLI, 1, 11)))
        for _ in range(5):
            await sending.media.take_feedback(RtcpPsfbPacket(RTCP_PSFB_PLI, 1, 11))
        begun_s = time.monotonic()
        packets = await sending.pictures(2)
        assert not keyed(packets) or time.monotonic() - begun_s > 0.1


async def test_one_picture_leaves_with_one_time_on_all_layers_and_marks_each() -> None:
    async with Sending() as sending:
        first, later = await sending.pictures(), await sending.pictures(5)
        assert order(first) == HIGH_FIRST
        origin = {ssrc: next(p.timestamp for p in first if p.ssrc == ssrc) for ssrc in HIGH_FIRST}
        assert len(set(origin.values())) == 3
        for ssrc in HIGH_FIRST:
            own = [packet for packet in first + later if packet.ssrc == ssrc]
            times = sorted({(packet.timestamp - origin[ssrc]) % (1 << 32) for packet in own})
            assert times == [3000 * number for number in range(6)]
            assert sum(packet.marker for packet in own) == 6
            numbers = [packet.sequence_number for packet in own]
            assert numbers == list(range(numbers[0], numbers[0] + len(own)))


async def test_each_layer_repeats_its_own_packets_on_its_own_ssrc() -> None:
    async with Sending() as sending:
        packets = await sending.pictures()
        for layer in LAYERS:
            lost = next(packet for packet in packets if packet.ssrc == layer.ssrc)
            before = len(sending.sent)
            nack = RtcpRtpfbPacket(RTCP_RTPFB_NACK, 1, layer.ssrc, [lost.sequence_number])
            await sending.media.take_feedback(nack)
            (again,) = sending.sent[before:]
            assert again.ssrc == layer.rtx_ssrc
            assert unwrap_rtx(again, 97, layer.ssrc).payload == lost.payload
        before = len(sending.sent)
        await sending.media.take_feedback(RtcpRtpfbPacket(RTCP_RTPFB_NACK, 1, 4711, [packets[0].sequence_number]))
        assert len(sending.sent) == before


async def test_descriptors_say_what_a_bridge_needs_in_every_packet() -> None:
    async with Sending() as sending:
        for packet in await sending.pictures(8):
            descriptor, _ = VpxPayloadDescriptor.parse(packet.payload)
            assert descriptor.picture_id is not None
            assert descriptor.tl0picidx is not None
            assert descriptor.tid is not None
            assert descriptor.tid[0] == 0 or packet.ssrc == 11


async def test_a_low_estimate_is_not_obeyed_while_nothing_is_lost_and_is_obeyed_with_loss() -> None:
    async with Sending() as sending:
        await sending.pictures(2)
        remb = RtcpPsfbPacket(RTCP_PSFB_APP, 1, 0, pack_remb_fci(100_000, [21, 4711]))
        await sending.media.take_feedback(remb)
        assert order(await sending.pictures()) == HIGH_FIRST
        for highest in (1000, 1200):
            report = RtcpReceiverInfo(31, 50, (highest - 1000) // 4, highest, 0, 0, 0)
            await sending.media.take_feedback(RtcpRrPacket(1, [report]))
        await sending.media.take_feedback(remb)
        packets = await sending.pictures()
        assert order(packets) == [11]
        assert keyed(packets) == [11], "whoever looked at more is to have this at once"
        assert sending.steps[-1].heights_px == (180,)


async def test_sender_reports_are_of_the_layers_that_are_sent() -> None:
    async with Sending() as sending:
        assert sending.media.sender_infos() == {}
        packets = await sending.pictures()
        infos = sending.media.sender_infos()
        assert infos.keys() == {11, 21, 31}
        assert len({info.ntp_timestamp for info in infos.values()}) == 1
        assert [infos[ssrc].packet_count for ssrc in (11, 21, 31)] == [
            sum(packet.ssrc == ssrc for packet in packets) for ssrc in (11, 21, 31)
        ]


async def test_nothing_is_sent_while_nobody_looks_and_all_layers_begin_anew_after_that() -> None:
    async with Sending() as sending:
        await sending.pictures(3)
        sending.media.wanted(0)
        assert await sending.pictures(3) == []
        sending.media.wanted(None)
        packets = await sending.pictures()
        assert keyed(packets) == HIGH_FIRST
