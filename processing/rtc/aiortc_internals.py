"""Our senders and receivers inside of aiortc's peer connection: the one module that uses aiortc's private names.

aiortc decides in one private method which classes a connection is made of. A subclass that defines a method of the same
mangled name is asked instead; everything else of aiortc (ICE, DTLS, SRTP, SDP, BUNDLE) stays as it is. Names that are
relied on are listed and compared in `aiortc_check`.
"""

# ruff: noqa: SLF001

from __future__ import annotations

import asyncio
import logging
import random
import secrets
import time
from collections.abc import Iterable
from typing import Any, Final

from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCDtlsTransport,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCRtpSender,
    RTCRtpTransceiver,
    RTCSessionDescription,
)
from aiortc.codecs import is_rtx
from aiortc.rtcdtlstransport import RtpRouter
from aiortc.rtcrtpparameters import RTCRtpCodecParameters, RTCRtpReceiveParameters, RTCRtpSendParameters
from aiortc.rtcrtpreceiver import RemoteStreamTrack
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    AnyRtcpPacket,
    RtcpByePacket,
    RtcpPsfbPacket,
    RtcpRtpfbPacket,
    RtcpSdesPacket,
    RtcpSourceInfo,
    RtcpSrPacket,
    RtpPacket,
    pack_remb_fci,
    unwrap_rtx,
)
from aiortc.sdp import SessionDescription
from aiortc.stats import RTCStatsReport

from eyeline.processing.rtc.aiortc_check import check_aiortc
from eyeline.processing.rtc.audio_receiver import AudioReceiver
from eyeline.processing.rtc.bandwidth import BandwidthEstimate
from eyeline.processing.rtc.encode_load import LoadStep
from eyeline.processing.rtc.live_track import LiveTrack
from eyeline.processing.rtc.media_sender import MediaSender, SendStatistics
from eyeline.processing.rtc.opening import open_media
from eyeline.processing.rtc.outgoing_stream import StreamSsrcs
from eyeline.processing.rtc.plain_audio import PlainAudioReceiver
from eyeline.processing.rtc.reception_reports import ReceptionReports
from eyeline.processing.rtc.sender_clock import SenderClock, StreamClock
from eyeline.processing.rtc.simulcast_layers import LAYERS
from eyeline.processing.rtc.stream_statistics import inbound
from eyeline.processing.rtc.video_receiver import Feedback, VideoReceiver, VideoStatistics
from eyeline.processing.rtc.video_step import OnStep
from eyeline.processing.rtc.vpx import load_libvpx

logger = logging.getLogger(__name__)

CLOSE_S: Final = 5.0
_STOP_S: Final = 2.0
_TICK_S: Final = 0.005
_STALL_S: Final = 0.015
_FIRST_REPORT_S: Final = 0.1
_CNAME: Final = 1


class LiveSender(RTCRtpSender):
    """Sends the newest frame of its track, with encoders, pacing and repair made for live pictures.

    Attributes:
        on_step: Told when pictures of other sizes are sent than before; to be set before sending begins.
    """

    def __init__(self, track_or_kind: MediaStreamTrack | str, transport: RTCDtlsTransport) -> None:
        super().__init__(track_or_kind, transport)
        self.on_step: OnStep = lambda _: None
        self._media: MediaSender | None = None
        self._layers = [StreamSsrcs(self._ssrc, self._rtx_ssrc)]
        self._wanted_px: int | None = None
        self._cname = ""
        self._stopped = False
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def layers(self) -> tuple[StreamSsrcs, ...]:
        """The SSRCs that it sends with, of the lowest layer first."""
        return tuple(self._layers)

    @property
    def statistics(self) -> SendStatistics:
        """Counts since sending began."""
        return self._media.statistics if self._media else SendStatistics()

    @property
    def round_trip_s(self) -> float | None:
        """Smoothed round-trip time, once the receiver reported."""
        return self._media.round_trip.value_s if self._media else None

    @property
    def load_step(self) -> LoadStep | None:
        """What there is time for when a picture is encoded, once sending began."""
        return self._media.load_step if self._media else None

    def use_simulcast(self) -> None:
        """Send VP8 in several sizes side by side. To be called before the connection is negotiated.

        The description of the connection knows the lowest layer alone; whoever negotiates has to tell of the others.

        Raises:
            EncoderError: This machine lacks the encoder for it.
            RuntimeError: It sends already.
        """
        if self._media is not None:
            raise RuntimeError("a sender that sends already cannot change to simulcast")
        load_libvpx()
        while len(self._layers) < LAYERS:
            self._layers.append(StreamSsrcs(secrets.randbits(32) or 1, secrets.randbits(32) or 1))

    def wanted(self, max_height_px: int | None) -> None:
        """Somebody has use for pictures so tall; 0 for none, `None` for any."""
        self._wanted_px = max_height_px
        if self._media is not None:
            self._media.wanted(max_height_px)

    def hold_load(self, step: LoadStep) -> None:
        """Encode with this, however long it takes; to be called when sending has begun."""
        if self._media is not None:
            self._media.hold_load(step)

    def request_keyframe(self) -> None:
        """Make the next picture a complete one, as soon as the limit of keyframes allows."""
        if self._media is not None:
            self._media.request_keyframe()

    def estimated(self, bitrate_bps: int) -> None:
        """Believe that so much fits through, as when the receiver says so (REMB)."""
        if self._media is not None:
            self._media.estimated(bitrate_bps)

    async def send(self, parameters: RTCRtpSendParameters) -> None:
        """Begin to send; later calls change nothing. Called by the connection."""
        if self._media is not None or self._stopped:
            return
        in_layers = len(self._layers) > 1 and parameters.codecs[0].name.upper() == "VP8"
        self._layers = self._layers if in_layers else self._layers[:1]
        self.transport._register_rtp_sender(self, parameters)
        for layer in self._layers:
            self.transport._rtp_router.register_sender(self, ssrc=layer.ssrc)
        self._media = open_media(self.kind, parameters, self._layers, self._send_bytes)
        self._media.wanted(self._wanted_px)
        self._media.tell_steps(lambda step: self.on_step(step))
        self._cname = parameters.rtcp.cname or ""
        self._tasks = [
            asyncio.create_task(self._run(self._media), name=f"{self.kind} sender"),
            asyncio.create_task(self._report(self._media), name=f"{self.kind} sender reports"),
        ]

    async def stop(self) -> None:
        """End for good, in bounded time."""
        self._stopped = True
        if self._media is None:
            return
        self.transport._unregister_rtp_sender(self)
        await _end(self._tasks)

    async def getStats(self) -> RTCStatsReport:  # noqa: N802
        """Statistics as aiortc gives them."""
        report = RTCStatsReport(self.transport._get_stats())
        if self._media is None:
            return report
        about = {"kind": self.kind, "transport_id": self.transport._stats_id}
        for each in self._media.outbound_statistics(track_id=self._track_id, **about):
            report.add(each)
        return report

    async def _handle_rtcp_packet(self, packet: AnyRtcpPacket) -> None:
        if self._media is not None:
            try:
                await self._media.take_feedback(packet)
            except ConnectionError:
                logger.debug("no connection to answer feedback on")
            except Exception:
                logger.exception("cannot take feedback")  # aiortc would end the whole connection

    async def _run(self, media: MediaSender) -> None:
        try:
            await media.run(lambda: self.track, lambda: self._enabled)
        except Exception:
            logger.exception("The %s sender failed; nothing more is sent", self.kind)
        finally:
            media.close()
            if self.track is not None:
                self.track.stop()
                track_id = self._track_id
                self.replaceTrack(None)
                self._track_id = track_id

    async def _report(self, media: MediaSender) -> None:
        """Sender reports and descriptions (RFC 3550, section 6), and a farewell."""
        try:
            pause_s = _FIRST_REPORT_S
            while True:
                await asyncio.sleep(pause_s)
                infos = media.sender_infos()
                if not infos:
                    continue
                packets: list[AnyRtcpPacket] = [RtcpSrPacket(ssrc, info) for ssrc, info in infos.items()]
                names = [RtcpSourceInfo(ssrc, [(_CNAME, self._cname.encode())]) for ssrc in infos]
                await self._send_rtcp_packets([*packets, RtcpSdesPacket(names)])
                pause_s = 0.5 + random.random()  # noqa: S311 (spread, so that reports of many do not meet)
        finally:
            await self._send_rtcp_packets([RtcpByePacket([layer.ssrc for layer in self._layers])])

    async def _send_rtcp_packets(self, packets: Iterable[AnyRtcpPacket]) -> None:
        try:
            await self._send_bytes(b"".join(bytes(packet) for packet in packets))
        except ConnectionError:
            logger.debug("no connection for a report")

    async def _send_bytes(self, data: bytes) -> None:
        await self.transport._send_rtp(data)


class LiveReceiver(RTCRtpReceiver):
    """Receives with repair that is bounded in time, and keeps nothing but the newest frames.

    Its track is a `LiveTrack`.
    """

    def __init__(self, kind: str, transport: RTCDtlsTransport) -> None:
        self._live_track: LiveTrack[Any] | None = None
        super().__init__(kind, transport)
        self._kind = kind
        self._codecs: dict[int, RTCRtpCodecParameters] = {}
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
        self._repaired = {each.rtx.ssrc: each.ssrc for each in parameters.encodings if each.rtx}
        codec = parameters.codecs[0]
        self._clock = StreamClock(self._sender_clock, codec.clockRate)
        if self._kind == "video":
            self._video = VideoReceiver(self._clock, self._live_track.deliver_from_thread)
            self._tasks.append(asyncio.create_task(self._repair(self._video), name="video repair"))
        self.transport._register_rtp_receiver(self, parameters)
        self._tasks.append(asyncio.create_task(self._report(), name=f"{self._kind} receiver reports"))

    async def stop(self) -> None:
        """End for good, with the track, in bounded time."""
        if self._clock is not None:
            self.transport._unregister_rtp_receiver(self)
        self._handle_disconnect()
        await _end(self._tasks)

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
        try:
            await self._take(packet, arrival_time_ms)
        except Exception:  # aiortc would end the whole connection
            level = logging.DEBUG if self._complained else logging.ERROR
            logger.log(level, "a packet of %s cannot be taken", self._kind, exc_info=True)
            self._complained = True

    async def _take(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        now_s = time.monotonic()
        if not self._enabled or self._clock is None:
            return
        self._last_packet_at_s = now_s
        codec = self._codecs.get(packet.payload_type)
        if codec is None:
            return
        self._reports.add(packet, codec.clockRate)
        if self._bandwidth is not None:
            await self._tell_bandwidth(self._bandwidth.add(packet, arrival_time_ms))
        original = self._unwrapped(packet, codec)
        if original is None:
            return
        if self._video is not None:
            media = self._codecs.get(original.payload_type)
            if media is not None:
                await self._tell(self._video.add(original, media, now_s))
            if self._video.waits:
                self._gap.set()
        else:
            self._hear(original, codec, self._clock, now_s)

    def _unwrapped(self, packet: RtpPacket, codec: RTCRtpCodecParameters) -> RtpPacket | None:
        """A packet as it was sent first (RFC 4588), or `None` when it is of no use."""
        if not is_rtx(codec):
            return packet
        # a retransmission never begins a stream: bridges probe with empty ones before there is any
        ssrc = self._video.ssrc if self._video else None
        payload_type = codec.parameters.get("apt")
        if ssrc is None or self._repaired.get(packet.ssrc, ssrc) != ssrc or len(packet.payload) < 2:
            return None
        return unwrap_rtx(packet, payload_type, ssrc) if isinstance(payload_type, int) else None

    def _hear(self, packet: RtpPacket, codec: RTCRtpCodecParameters, stream: StreamClock, now_s: float) -> None:
        if self._live_track is None:
            return
        if packet.ssrc != self._audio_ssrc or self._audio is None:
            if self._audio is not None:
                self._audio.close()
            stream.restart()
            self._audio_ssrc = packet.ssrc
            if codec.name.lower() == "opus":
                self._audio = AudioReceiver(stream, self._live_track.deliver)
            else:
                self._audio = PlainAudioReceiver(codec, stream, self._live_track.deliver)
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
                await self._tell(video.service(time.monotonic()))
            self._gap.clear()

    async def _report(self) -> None:
        """Receiver reports (RFC 3550, section 6.4.2)."""
        while True:
            await asyncio.sleep(0.5 + random.random())  # noqa: S311 (spread, so that reports of many do not meet)
            report = None if self._own_ssrc is None else self._reports.build(self._own_ssrc, time.monotonic())
            if report is not None:
                await self._send_rtcp_packet(report)

    async def _tell(self, feedback: Feedback | None) -> None:
        if feedback is None or self._own_ssrc is None:
            return
        if feedback.lost:
            nack = RtcpRtpfbPacket(RTCP_RTPFB_NACK, self._own_ssrc, feedback.ssrc, feedback.lost)
            await self._send_rtcp_packet(nack)
        if feedback.keyframe:
            await self._send_rtcp_packet(RtcpPsfbPacket(RTCP_PSFB_PLI, self._own_ssrc, feedback.ssrc))

    async def _tell_bandwidth(self, estimate: tuple[int, list[int]] | None) -> None:
        if estimate is not None and self._own_ssrc is not None:
            await self._send_rtcp_packet(RtcpPsfbPacket(RTCP_PSFB_APP, self._own_ssrc, 0, pack_remb_fci(*estimate)))

    async def _send_rtcp_packet(self, packet: AnyRtcpPacket) -> None:
        try:
            await self.transport._send_rtp(bytes(packet))
        except ConnectionError:
            logger.debug("no connection for feedback")


class LivePeerConnection(RTCPeerConnection):
    """aiortc's peer connection with `LiveSender`s and `LiveReceiver`s, and an end in bounded time.

    Raises:
        AiortcError: The installed aiortc is not supported.
    """

    def __init__(self, configuration: RTCConfiguration | None = None) -> None:
        check_aiortc()
        super().__init__(configuration)
        self._sender_clocks: dict[str, SenderClock] = {}
        self._ending: asyncio.Task[None] | None = None

    async def setRemoteDescription(self, sessionDescription: RTCSessionDescription) -> None:  # noqa: N802, N803
        """As aiortc does; besides, streams of one sender (by CNAME, RFC 3550, section 6.5.1) share its clock."""
        await super().setRemoteDescription(sessionDescription)
        lines = SessionDescription.parse(sessionDescription.sdp).media
        cnames = {line.rtp.muxId: line.ssrc[0].cname for line in lines if line.ssrc}
        for transceiver in self.getTransceivers():
            cname = cnames.get(transceiver.mid or "")
            if cname and isinstance(transceiver.receiver, LiveReceiver):
                transceiver.receiver.share_clock(self._sender_clocks.setdefault(cname, SenderClock()))

    async def close(self) -> None:
        """End the connection, its senders and its tracks, within `CLOSE_S`."""
        if self._ending is None:
            self._ending = asyncio.create_task(super().close(), name="closing of a connection")
        done, _ = await asyncio.wait({self._ending}, timeout=CLOSE_S)
        if not done:
            logger.warning("aiortc did not close within %.0f s and is left behind", CLOSE_S)
            self._ending.cancel()
        elif not self._ending.cancelled() and (error := self._ending.exception()) is not None:
            logger.warning("aiortc failed to close: %r", error)

    def _RTCPeerConnection__createTransceiver(  # noqa: N802
        self, direction: str, kind: str, sender_track: MediaStreamTrack | None = None
    ) -> RTCRtpTransceiver:
        transceiver: RTCRtpTransceiver = super()._RTCPeerConnection__createTransceiver(  # type: ignore[misc]
            direction, kind, sender_track
        )
        transport = transceiver.receiver.transport
        sender, receiver = LiveSender(sender_track or kind, transport), LiveReceiver(kind, transport)
        sender._stream_id = transceiver.sender._stream_id
        receiver._set_rtcp_ssrc(sender._ssrc)
        names = vars(transceiver)
        names["_RTCRtpTransceiver__sender"], names["_RTCRtpTransceiver__receiver"] = sender, receiver
        return transceiver


def replace_router(transport: RTCDtlsTransport, router: RtpRouter) -> None:
    """Have another router say which receiver a packet is for. To be called before anything is registered.

    Raises:
        RuntimeError: The transport's router is in use already.
    """
    if transport._rtp_router.receivers or transport._rtp_router.senders:
        raise RuntimeError("the transport's router is in use already")
    transport._rtp_router = router


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    """Cancel tasks and wait for them, but not for ever."""
    for task in tasks:
        task.cancel()
    if tasks:
        _, pending = await asyncio.wait(tasks, timeout=_STOP_S)
        for task in pending:
            logger.warning("%s did not end within %.0f s", task.get_name(), _STOP_S)
