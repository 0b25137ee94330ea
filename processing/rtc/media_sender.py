"""From a track to RTP: one frame after the other, and never one that waits while a newer one could be had."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
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
    unpack_remb_fci,
)
from aiortc.stats import RTCStats

from eyeline.processing.rtc.encode_load import LoadStep
from eyeline.processing.rtc.frame_encoder import EncodedFrame, EncoderInput, StreamEncoder
from eyeline.processing.rtc.keyframes import KeyframeSchedule
from eyeline.processing.rtc.ntp import middle_32
from eyeline.processing.rtc.outgoing_stream import OutgoingFrame, OutgoingStream
from eyeline.processing.rtc.pacer import FramePacer
from eyeline.processing.rtc.round_trip import RoundTrip
from eyeline.processing.rtc.stream_statistics import outbound, remote_inbound
from eyeline.processing.rtc.video_step import OnStep

logger = logging.getLogger(__name__)

_NO_TRACK_PAUSE_S: Final = 0.02
_ROUND_TRIP_GUESS_S: Final = 0.05

Send = Callable[[Sequence[bytes]], Awaitable[None]]


@dataclass(slots=True)
class SendStatistics:
    """Counts since sending began.

    Args:
        frames: Encoded and sent.
        keyframes: Of these, complete pictures.
        unasked_keyframes: Of these, the ones that the encoder made of its own accord, other than a size's first.
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
    """Sends one track, as one stream or as several with the same pictures in different sizes.

    A frame is taken from the track only when the one before has left. Tracks give the newest frame there is, so
    overload costs frames and not time.

    Args:
        streams: Make the packets; the encoder knows them by their numbers.
        encoder: Owned.
        send: Encrypts and sends packets that leave together; raises `ConnectionError` once there is no connection.
        keyframes: When they are made.

    Attributes:
        reports: What the receiver said last, by SSRC.
    """

    def __init__(
        self,
        streams: Sequence[OutgoingStream],
        encoder: StreamEncoder,
        send: Send,
        keyframes: KeyframeSchedule | None = None,
    ) -> None:
        self.statistics = SendStatistics()
        self.reports: dict[int, RtcpReceiverInfo] = {}
        self.round_trip = RoundTrip()
        self._streams = streams
        self._by_ssrc = {stream.ssrc: stream for stream in streams}
        self._encoder = encoder
        self._send = send
        self._keyframes = keyframes or KeyframeSchedule()
        self._wanted_px: int | None = None

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

    def wanted(self, max_height_px: int | None) -> None:
        """Somebody has use for pictures so tall; 0 for none, `None` for any."""
        if self._wanted_px == 0 and max_height_px != 0:
            self._keyframes.returned(time.monotonic())
        self._wanted_px = max_height_px
        self._encoder.tuning.wanted(max_height_px)

    def hold_load(self, step: LoadStep) -> None:
        """Encode with this, however long it takes."""
        self._encoder.tuning.hold_load(step)

    def tell_steps(self, on_step: OnStep) -> None:
        """Whom to tell when pictures of other sizes are sent than before."""
        self._encoder.tuning.on_step = on_step

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
                offset_s = getattr(source, "captured_offset_s", None)
                for stream in self._streams:
                    stream.captured(offset_s)
                if enabled():
                    await self._forward(data)
            except (MediaStreamError, ConnectionError):
                return

    async def take_feedback(self, packet: AnyRtcpPacket) -> None:
        """Heed what a receiver says."""
        match packet:
            case RtcpRrPacket() | RtcpSrPacket():
                for report in packet.reports:
                    if report.ssrc in self._by_ssrc:
                        self._take_report(report)
            case RtcpRtpfbPacket(fmt=fmt) if fmt == RTCP_RTPFB_NACK:
                await self._repeat(packet.media_ssrc, packet.lost)
            case RtcpPsfbPacket(fmt=fmt) if fmt in (RTCP_PSFB_PLI, RTCP_PSFB_FIR):
                self.request_keyframe()
            case RtcpPsfbPacket(fmt=fmt) if fmt == RTCP_PSFB_APP:
                self._take_estimate(packet.fci)

    def sender_infos(self) -> dict[int, RtcpSenderInfo]:
        """For sender reports that leave now, by SSRC; none of streams that nothing was sent on lately."""
        now_s = time.monotonic()
        infos = {stream.ssrc: stream.sender_info(now_s) for stream in self._streams if stream.is_alive(now_s)}
        known = {ssrc: info for ssrc, info in infos.items() if info is not None}
        for info in known.values():
            self.round_trip.report_sent(middle_32(info.ntp_timestamp), now_s)
        return known

    def outbound_statistics(self, *, kind: str, track_id: str, transport_id: str) -> Iterator[RTCStats]:
        """What was sent on each stream, and what the receiver said about it last."""
        for stream in self._streams:
            yield outbound(stream, ssrc=stream.ssrc, kind=kind, track_id=track_id, transport_id=transport_id)
            told = self.reports.get(stream.ssrc)
            if told is not None:
                sent, trip_s = stream.packets_sent, self.round_trip.value_s
                yield remote_inbound(told, packets_sent=sent, round_trip_s=trip_s, kind=kind, transport_id=transport_id)

    def close(self) -> None:
        """Release the encoder; nothing is waited for."""
        self._encoder.close()

    async def _forward(self, data: EncoderInput) -> None:
        now_s, pts = time.monotonic(), self._encoder.pts(data)
        for stream in self._streams:
            stream.reference(pts, now_s)
        asked = self._keyframes.due(now_s)
        encoded = await self._encoder.encode(data, pts, keyframe=asked)
        if encoded:
            self._count(encoded, asked, now_s)
            await self._pace([self._outgoing(each) for each in encoded], sum(len(each.payloads) for each in encoded))

    def _outgoing(self, encoded: EncodedFrame) -> OutgoingFrame:
        return self._streams[encoded.stream].frame(
            encoded.payloads, encoded.pts, pts_step=encoded.pts_step, audio_level_dbov=encoded.audio_level_dbov
        )

    def _count(self, encoded: Sequence[EncodedFrame], asked: bool, now_s: float) -> None:
        lowest = encoded[-1]
        if lowest.is_keyframe:
            self._keyframes.sent(now_s)
        self.statistics.frames += 1
        self.statistics.keyframes += lowest.is_keyframe
        self.statistics.unasked_keyframes += lowest.is_keyframe and not asked and not lowest.begins_size
        self.statistics.encode_s += lowest.encode_s

    async def _pace(self, frames: Sequence[OutgoingFrame], packets: int) -> None:
        pacer, sent, begun_s = FramePacer(packets), 0, time.monotonic()
        now_s = begun_s
        while True:
            sent += await self._send_next(frames, pacer.allowed(now_s - begun_s) - sent, now_s)
            if sent == packets:
                return
            await asyncio.sleep(pacer.pause_s(time.monotonic() - begun_s))
            now_s = time.monotonic()

    async def _send_next(self, frames: Sequence[OutgoingFrame], most: int, now_s: float) -> int:
        """Send the next packets, at most so many; returns how many that were."""
        octets = sum(stream.octets_sent for stream in self._streams)
        packets: list[bytes] = []
        for frame in frames:
            packets += frame.leave(most - len(packets), now_s)
        if packets:
            self._encoder.tuning.sent(sum(stream.octets_sent for stream in self._streams) - octets, now_s)
            await self._send(packets)
        return len(packets)

    async def _repeat(self, ssrc: int, sequence_numbers: list[int]) -> None:
        stream = self._by_ssrc.get(ssrc)
        if stream is None:
            return
        round_trip_s = self.round_trip.smallest_s or _ROUND_TRIP_GUESS_S
        tuning = self._encoder.tuning
        rate_bps, congested = tuning.rate_bps(time.monotonic()), tuning.congested(time.monotonic())
        for number in sequence_numbers:
            now_s = time.monotonic()
            packet = stream.retransmission.take(
                number, now_s, round_trip_s=round_trip_s, rate_bps=rate_bps, congested=congested
            )
            if packet is not None:
                self.statistics.retransmissions += 1
                tuning.sent(packet.payload_bytes, now_s)
                await self._send([stream.again(packet, now_s)])

    def _take_report(self, report: RtcpReceiverInfo) -> None:
        now_s = time.monotonic()
        self.reports[report.ssrc] = report
        round_trip_s = self.round_trip.report_received(report.lsr, report.dlsr, now_s)
        self._encoder.tuning.reported(report, round_trip_s, now_s)

    def _take_estimate(self, fci: bytes) -> None:
        """The receiver's estimate of what fits through (REMB, draft-alvestrand-rmcat-remb)."""
        try:
            bitrate_bps, ssrcs = unpack_remb_fci(fci)
        except ValueError:
            return
        if not self._by_ssrc.keys().isdisjoint(ssrcs):
            self.estimated(bitrate_bps)
