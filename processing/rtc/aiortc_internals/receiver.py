"""Our receiver in the place of aiortc's."""

# ruff: noqa: SLF001

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Iterator
from typing import Any, Final

from aiortc import RTCDtlsTransport, RTCRtpReceiver
from aiortc.codecs import is_rtx
from aiortc.rtcrtpparameters import RTCRtpCodecParameters, RTCRtpReceiveParameters
from aiortc.rtcrtpreceiver import RemoteStreamTrack
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    AnyRtcpPacket,
    RtcpPsfbPacket,
    RtcpRtpfbPacket,
    RtcpSrPacket,
    RtpPacket,
    pack_remb_fci,
)
from aiortc.stats import RTCStatsReport

from eyeline.processing.rtc.aiortc_check import takes_packets
from eyeline.processing.rtc.aiortc_internals.ending import end_tasks
from eyeline.processing.rtc.aiortc_internals.packet_path import PacketPath
from eyeline.processing.rtc.aiortc_internals.rtcp_outbox import RtcpOutbox
from eyeline.processing.rtc.audio_receiver import AudioReceiver
from eyeline.processing.rtc.bandwidth import BandwidthEstimate
from eyeline.processing.rtc.live_track import LiveTrack
from eyeline.processing.rtc.media_packet import ReceivedPacket, received_packet, unwrapped
from eyeline.processing.rtc.plain_audio import PlainAudioReceiver
from eyeline.processing.rtc.reception_reports import ReceptionReports
from eyeline.processing.rtc.sender_clock import SenderClock, StreamClock
from eyeline.processing.rtc.stream_statistics import inbound
from eyeline.processing.rtc.video_receiver import Feedback, VideoReceiver, VideoStatistics

logger = logging.getLogger(__name__)

_TICK_S: Final = 0.005
_STALL_S: Final = 0.015


class LiveReceiver(RTCRtpReceiver):
    """Receives with repair that is bounded in time, and keeps nothing but the newest frames.

    Its track is a `LiveTrack`.
    """

    def __init__(self, kind: str, transport: RTCDtlsTransport) -> None:
        self._live_track: LiveTrack[Any] | None = None
        super().__init__(kind, transport)
        self._kind = kind
        self._codecs: dict[int, RTCRtpCodecParameters] = {}
        self._repairs: dict[int, int] = {}
        self._repaired: dict[int, int] = {}
        self._sender_clock = SenderClock()
        self._clock: StreamClock | None = None
        self._video: VideoReceiver | None = None
        self._audio: AudioReceiver | PlainAudioReceiver | None = None
        self._audio_ssrc: int | None = None
        self._bandwidth = BandwidthEstimate() if kind == "video" else None
        self._reports = ReceptionReports()
        self._own_ssrc: int | None = None
        self._gap = asyncio.Event()
        self._outbox = RtcpOutbox(transport)
        self._tasks: list[asyncio.Task[None]] = []
        self._last_packet_at_s: float | None = None
        self._complained = False

    @property
    def _track(self) -> LiveTrack[Any] | None:
        return self._live_track

    @_track.setter
    def _track(self, track: RemoteStreamTrack | None) -> None:
        """The connection sets a track of aiortc's; ours takes its place, under the same id."""
        self._live_track = None if track is None else LiveTrack(track.kind, track.id)

    @property
    def statistics(self) -> VideoStatistics | None:
        """Of video, once it is received."""
        return self._video.statistics if self._video else None

    @property
    def last_packet_at_s(self) -> float | None:
        """When the last packet came, on the monotonic clock."""
        return self._last_packet_at_s

    def share_clock(self, sender: SenderClock) -> None:
        """Learn whose stream this is: all streams of one sender have one clock."""
        self._sender_clock = sender
        if self._clock is not None:
            self._clock.attach(sender)

    async def receive(self, parameters: RTCRtpReceiveParameters) -> None:
        """Begin to receive; later calls change nothing. Called by the connection."""
        if self._clock is not None or self._live_track is None or self._live_track.readyState != "live":
            return
        self._codecs = {codec.payloadType: codec for codec in parameters.codecs if codec.payloadType is not None}
        self._repairs = dict(_repairs(parameters.codecs))
        self._repaired = {each.rtx.ssrc: each.ssrc for each in parameters.encodings if each.rtx}
        codec = parameters.codecs[0]
        self._clock = StreamClock(self._sender_clock, codec.clockRate)
        if self._kind == "video":
            self._video = VideoReceiver(self._clock, self._live_track.deliver_from_thread)
            self._tasks.append(asyncio.create_task(self._repair(self._video), name="video repair"))
        self.transport._register_rtp_receiver(self, parameters)
        if takes_packets():
            PacketPath.attach(self.transport, parameters)
        self._tasks.append(asyncio.create_task(self._outbox.run(), name=f"{self._kind} feedback"))
        self._tasks.append(asyncio.create_task(self._report(), name=f"{self._kind} receiver reports"))

    async def stop(self) -> None:
        """End for good, with the track, in bounded time."""
        if self._clock is not None:
            self.transport._unregister_rtp_receiver(self)
        self._handle_disconnect()
        await end_tasks(self._tasks)

    async def getStats(self) -> RTCStatsReport:  # noqa: N802
        """Statistics as aiortc gives them."""
        report = inbound(self._reports, kind=self._kind, transport_id=self.transport._stats_id)
        report.update(self.transport._get_stats())
        return report

    def _set_rtcp_ssrc(self, ssrc: int) -> None:
        self._own_ssrc = ssrc

    def _handle_disconnect(self) -> None:
        """The connection is gone: end the track."""
        if self._video is not None:
            self._video.close()
        if self._audio is not None:
            self._audio.close()
        if self._live_track is not None:
            self._live_track.stop()

    async def _handle_rtcp_packet(self, packet: AnyRtcpPacket) -> None:
        if isinstance(packet, RtcpSrPacket) and self._clock is not None:
            now_s, info = time.monotonic(), packet.sender_info
            self._reports.sender_report(packet, now_s)
            if packet.ssrc == (self._video.ssrc if self._video else self._audio_ssrc):
                self._clock.report(info.ntp_timestamp, info.rtp_timestamp, now_s)

    async def _handle_rtp_packet(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        """Called by aiortc where `PacketPath` cannot be."""
        del arrival_time_ms  # of a clock that may be set
        self.take(received_packet(packet), time.monotonic())

    def take(self, packet: ReceivedPacket, now_s: float) -> None:
        """Take a packet that came now, on the monotonic clock. Never raises."""
        try:
            self._take(packet, now_s)
        except Exception:  # aiortc would end the whole connection
            level = logging.DEBUG if self._complained else logging.ERROR
            logger.log(level, "a packet of %s cannot be taken", self._kind, exc_info=True)
            self._complained = True

    def _take(self, packet: ReceivedPacket, now_s: float) -> None:
        if not self._enabled or self._clock is None:
            return
        self._last_packet_at_s = now_s
        codec = self._codecs.get(packet.payload_type)
        if codec is None:
            return
        self._reports.add(packet, codec.clockRate, now_s)
        repaired = self._repairs.get(packet.payload_type)
        video = self._video
        if video is None:
            if repaired is None:
                self._hear(packet, codec, self._clock, now_s)
            return
        if packet.abs_send_time is not None and self._bandwidth is not None:
            self._tell_bandwidth(self._bandwidth.add(packet, packet.abs_send_time, int(now_s * 1000)))
        if repaired is not None:
            original = self._unwrapped(packet, repaired)
            codec = self._codecs.get(repaired)
            if original is None or codec is None:
                return
            packet = original
        feedback = video.add(packet, codec, now_s)
        if feedback is not None:
            self._tell(feedback)
        if video.waits:
            self._gap.set()

    def _unwrapped(self, packet: ReceivedPacket, payload_type: int) -> ReceivedPacket | None:
        """A retransmission as it was sent first (RFC 4588), or `None` when it is of no use."""
        # it never begins a stream: bridges probe with empty ones before there is any
        ssrc = self._video.ssrc if self._video else None
        if ssrc is None or self._repaired.get(packet.ssrc, ssrc) != ssrc:
            return None
        return unwrapped(packet, payload_type, ssrc)

    def _hear(self, packet: ReceivedPacket, codec: RTCRtpCodecParameters, stream: StreamClock, now_s: float) -> None:
        track = self._live_track
        if track is None:
            return
        if packet.ssrc != self._audio_ssrc or self._audio is None:
            if self._audio is not None:
                self._audio.close()
            stream.restart()
            self._audio_ssrc = packet.ssrc
            if codec.name.lower() == "opus":
                self._audio = AudioReceiver(
                    stream, track.deliver, channels=track.sound_channels, ahead_s=track.sound_ahead_s
                )
            else:
                self._audio = PlainAudioReceiver(codec, stream, track.deliver)
        stream.arrived(packet.timestamp, now_s)
        self._audio.add(packet, now_s)

    async def _repair(self, video: VideoReceiver) -> None:
        """While something is missing, see to it though nothing comes."""
        while True:
            await self._gap.wait()
            while video.waits:
                due_s = time.monotonic() + _TICK_S
                await asyncio.sleep(_TICK_S)
                late_s = time.monotonic() - due_s
                if late_s > _STALL_S:
                    video.stalled(late_s)
                feedback = video.service(time.monotonic())
                if feedback is not None:
                    self._tell(feedback)
            self._gap.clear()

    async def _report(self) -> None:
        """Receiver reports (RFC 3550, section 6.4.2)."""
        while True:
            await asyncio.sleep(0.5 + random.random())  # noqa: S311 (spread, so that reports of many do not meet)
            report = None if self._own_ssrc is None else self._reports.build(self._own_ssrc, time.monotonic())
            if report is not None:
                self._outbox.put(report)

    def _tell(self, feedback: Feedback) -> None:
        if self._own_ssrc is None:
            return
        if feedback.lost:
            self._outbox.put(RtcpRtpfbPacket(RTCP_RTPFB_NACK, self._own_ssrc, feedback.ssrc, feedback.lost))
        if feedback.keyframe:
            self._outbox.put(RtcpPsfbPacket(RTCP_PSFB_PLI, self._own_ssrc, feedback.ssrc))

    def _tell_bandwidth(self, estimate: tuple[int, list[int]] | None) -> None:
        if estimate is not None and self._own_ssrc is not None:
            self._outbox.put(RtcpPsfbPacket(RTCP_PSFB_APP, self._own_ssrc, 0, pack_remb_fci(*estimate)))


def _repairs(codecs: list[RTCRtpCodecParameters]) -> Iterator[tuple[int, int]]:
    """Payload types of retransmissions, and those that they repair (RFC 4588, section 8.6)."""
    for codec in codecs:
        repaired = codec.parameters.get("apt")
        if is_rtx(codec) and codec.payloadType is not None:
            yield codec.payloadType, repaired if isinstance(repaired, int) else -1
