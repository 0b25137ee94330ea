"""From a track to RTP: one frame after the other, and never one that waits while a newer one could be had."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    AnyRtcpPacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSenderInfo,
    RtcpSrPacket,
    RtpPacket,
    unpack_remb_fci,
)

from eyeline.processing.rtc.encode_load import LoadStep
from eyeline.processing.rtc.frame_encoder import EncoderInput, FrameEncoder
from eyeline.processing.rtc.keyframes import KeyframeSchedule
from eyeline.processing.rtc.ntp import middle_32
from eyeline.processing.rtc.outgoing_stream import OutgoingStream
from eyeline.processing.rtc.pacer import FramePacer
from eyeline.processing.rtc.round_trip import RoundTrip

logger = logging.getLogger(__name__)

_NO_TRACK_PAUSE_S: Final = 0.02
_ROUND_TRIP_GUESS_S: Final = 0.05

Send = Callable[[bytes], Awaitable[None]]


@dataclass(slots=True)
class SendStatistics:
    """Counts since sending began.

    Args:
        frames: Encoded and sent.
        keyframes: Of these, complete pictures.
        unasked_keyframes: Of these, the ones that the encoder made of its own accord.
        keyframe_requests: PLI and FIR that came, and calls.
        retransmissions: Packets that were sent again.
        encode_s: Time spent encoding, in all.
    """

    frames: int = 0
    keyframes: int = 0
    unasked_keyframes: int = 0
    keyframe_requests: int = 0
    retransmissions: int = 0
    encode_s: float = 0.0


class MediaSender:
    """Sends one track as one stream.

    A frame is taken from the track only when the one before has left. Tracks give the newest frame there is, so
    overload costs frames and not time.

    Args:
        ssrc: Of the stream, as feedback names it.
        stream: Makes the packets.
        encoder: Owned.
        send: Encrypts and sends a packet; raises `ConnectionError` once there is no connection.
    """

    def __init__(self, ssrc: int, stream: OutgoingStream, encoder: FrameEncoder, send: Send) -> None:
        self.statistics = SendStatistics()
        self.report: RtcpReceiverInfo | None = None
        self.round_trip = RoundTrip()
        self._ssrc = ssrc
        self._stream = stream
        self._encoder = encoder
        self._send = send
        self._keyframes = KeyframeSchedule()

    @property
    def load_step(self) -> LoadStep:
        """What there is time for when a picture is encoded."""
        return self._encoder.tuning.load_step

    def request_keyframe(self) -> None:
        """Make the next frame a keyframe, as soon as the limit of keyframes allows."""
        self.statistics.keyframe_requests += 1
        self._keyframes.request()

    def estimated(self, bitrate_bps: int) -> None:
        """The receiver thinks that so much fits through."""
        self._encoder.tuning.estimated(bitrate_bps, time.monotonic())

    async def run(self, track: Callable[[], MediaStreamTrack | None], enabled: Callable[[], bool]) -> None:
        """Send until the track or the connection ends, which is no error, or until the encoder fails for good.

        Args:
            track: What is sent at the moment. Where it has a `captured_offset_s`, sender reports go by that.
            enabled: Whether frames leave; they are read in any case.
        """
        while True:
            source = track()
            if source is None:
                await asyncio.sleep(_NO_TRACK_PAUSE_S)
                continue
            try:
                data = await source.recv()
                self._stream.captured(getattr(source, "captured_offset_s", None))
                if enabled():
                    await self._forward(data)
            except (MediaStreamError, ConnectionError):
                return

    async def take_feedback(self, packet: AnyRtcpPacket) -> None:
        """Heed what a receiver says."""
        match packet:
            case RtcpRrPacket() | RtcpSrPacket():
                for report in packet.reports:
                    if report.ssrc == self._ssrc:
                        self._take_report(report)
            case RtcpRtpfbPacket(fmt=fmt) if fmt == RTCP_RTPFB_NACK:
                await self._repeat(packet.lost)
            case RtcpPsfbPacket(fmt=fmt) if fmt in (RTCP_PSFB_PLI, RTCP_PSFB_FIR):
                self.request_keyframe()
            case RtcpPsfbPacket(fmt=fmt) if fmt == RTCP_PSFB_APP:
                self._take_estimate(packet.fci)

    def sender_info(self) -> RtcpSenderInfo | None:
        """For a sender report that leaves now; `None` before anything was sent."""
        now_s = time.monotonic()
        info = self._stream.sender_info(now_s)
        if info is not None:
            self.round_trip.report_sent(middle_32(info.ntp_timestamp), now_s)
        return info

    def close(self) -> None:
        """Release the encoder; nothing is waited for."""
        self._encoder.close()

    async def _forward(self, data: EncoderInput) -> None:
        now_s = time.monotonic()
        self._stream.reference(self._encoder.pts(data), now_s)
        asked = self._keyframes.due(now_s)
        encoded = await self._encoder.encode(data, keyframe=asked)
        if encoded is None:
            return
        if encoded.is_keyframe:
            self._keyframes.sent(now_s)
        self.statistics.frames += 1
        self.statistics.keyframes += encoded.is_keyframe
        self.statistics.unasked_keyframes += encoded.is_keyframe and not asked
        self.statistics.encode_s += encoded.encode_s
        await self._pace(
            self._stream.packets(
                encoded.payloads, encoded.pts, pts_step=encoded.pts_step, audio_level_dbov=encoded.audio_level_dbov
            )
        )

    async def _pace(self, packets: list[RtpPacket]) -> None:
        pacer, begun_s, sent = FramePacer(len(packets)), time.monotonic(), 0
        while True:
            elapsed_s = time.monotonic() - begun_s
            for packet in packets[sent : pacer.allowed(elapsed_s)]:
                await self._send(self._stream.serialize(packet, time.monotonic()))
                sent += 1
            if sent == len(packets):
                return
            await asyncio.sleep(pacer.pause_s(time.monotonic() - begun_s))

    async def _repeat(self, sequence_numbers: list[int]) -> None:
        round_trip_s = self.round_trip.smallest_s or _ROUND_TRIP_GUESS_S
        rate_bps = self._encoder.tuning.rate_bps(time.monotonic())
        for number in sequence_numbers:
            now_s = time.monotonic()
            packet = self._stream.retransmission.take(number, now_s, round_trip_s=round_trip_s, rate_bps=rate_bps)
            if packet is not None:
                self.statistics.retransmissions += 1
                await self._send(self._stream.serialize_again(packet, now_s))

    def _take_report(self, report: RtcpReceiverInfo) -> None:
        now_s = time.monotonic()
        self.report = report
        self.round_trip.report_received(report.lsr, report.dlsr, now_s)
        self._encoder.tuning.reported(report.fraction_lost, now_s)

    def _take_estimate(self, fci: bytes) -> None:
        """The receiver's estimate of what fits through (REMB, draft-alvestrand-rmcat-remb)."""
        try:
            bitrate_bps, ssrcs = unpack_remb_fci(fci)
        except ValueError:
            return
        if self._ssrc in ssrcs:
            self.estimated(bitrate_bps)
