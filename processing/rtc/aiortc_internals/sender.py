"""Our sender in the place of aiortc's."""

# ruff: noqa: SLF001

from __future__ import annotations

import asyncio
import logging
import random
import secrets
from collections.abc import Iterable
from typing import Final

from aiortc import MediaStreamTrack, RTCDtlsTransport, RTCRtpSender
from aiortc.rtcrtpparameters import RTCRtpSendParameters
from aiortc.rtp import AnyRtcpPacket, RtcpByePacket, RtcpSdesPacket, RtcpSourceInfo, RtcpSrPacket
from aiortc.stats import RTCStatsReport

from eyeline.processing.rtc.aiortc_internals.ending import end_tasks
from eyeline.processing.rtc.aiortc_internals.outlet import PacketOutlet
from eyeline.processing.rtc.encode_load import LoadStep
from eyeline.processing.rtc.media_sender import MediaSender, SendStatistics
from eyeline.processing.rtc.opening import open_media
from eyeline.processing.rtc.outgoing_stream import StreamSsrcs
from eyeline.processing.rtc.simulcast_layers import LAYERS
from eyeline.processing.rtc.video_step import OnStep
from eyeline.processing.rtc.vpx import load_libvpx

logger = logging.getLogger(__name__)

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
        self._media = open_media(self.kind, parameters, self._layers, PacketOutlet(self.transport).send)
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
        await end_tasks(self._tasks)

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
            await self.transport._send_rtp(b"".join(bytes(packet) for packet in packets))
        except ConnectionError:
            logger.debug("no connection for a report")
