"""The way of RTP and RTCP through the bridge: a selective forwarding unit (RFC 7667, section 3.7) in small."""

from __future__ import annotations

import asyncio

from aiortc.rtp import (
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSrPacket,
    RtpPacket,
)

from jitsi_lab.bridge_conference import BridgeConference
from jitsi_lab.endpoint import Endpoint, Stream
from jitsi_lab.ledger import Ledger
from jitsi_lab.projection import SimulcastSource
from jitsi_lab.rtp_bytes import RtpHeader


class Relay:
    """Forwards packets between the members of one conference, as they are.

    Args:
        conference: Whose packets.
        ledger: Where they are counted.
    """

    def __init__(self, conference: BridgeConference, ledger: Ledger) -> None:
        self._conference = conference
        self._ledger = ledger

    async def on_rtp(self, sender: Endpoint, packet: bytes) -> None:
        """Forward an RTP packet to all who may have it, or count why not."""
        header = RtpHeader.read(packet)
        if header is None:
            return
        self._ledger.packets[header.ssrc] += 1
        stream = sender.streams.get(header.ssrc)
        if stream is None:
            self._ledger.refused["unknown SSRC"] += 1
        elif header.payload_type not in sender.payload_types:
            self._ledger.refused["payload type not negotiated"] += 1
        elif stream.source.kind in sender.force_muted:
            self._ledger.refused["force-muted"] += 1
        elif stream.main in sender.simulcast:
            if stream.main == header.ssrc:
                await self._project(sender, stream, sender.simulcast[stream.main], packet)
        else:
            await self._forward(sender, stream, header, packet)

    async def _project(self, sender: Endpoint, stream: Stream, source: SimulcastSource, data: bytes) -> None:
        """Send each receiver the layer that it is to have; retransmissions to us end here."""
        try:
            packet = RtpPacket.parse(data)
        except ValueError:
            self._ledger.refused["malformed RTP"] += 1
            return
        now_s, name, lowest = asyncio.get_running_loop().time(), stream.source.name, source.layers[0].ssrc
        keyframe = source.note(packet, now_s)
        self._ledger.complaints += [f"layers of {sender.id}: {fault}" for fault in source.faults]
        source.faults.clear()
        for receiver in self._conference.others(sender):
            if name not in receiver.forwarded_names or not receiver.transport.connected:
                continue
            projection = receiver.projection(source)
            on_stage = name in receiver.settings.preferred
            target = source.target(receiver.wanted_px.get(name, 0), now_s, on_stage=on_stage)
            rewritten = projection.rewrite(packet, target, now_s, keyframe=keyframe)
            if rewritten is not None:
                self._ledger.forwarded[receiver.id, packet.ssrc] += 1
                await receiver.transport.send(projection.sent(rewritten))
            if projection.layer != target and receiver.should_ask_keyframe(lowest):
                self._ledger.keyframe_requests[lowest] += 1
                await sender.ask_keyframe(lowest)  # whichever layer it is about

    async def _forward(self, sender: Endpoint, stream: Stream, header: RtpHeader, packet: bytes) -> None:
        for receiver in self._conference.others(sender):
            if header.payload_type not in receiver.payload_types or not receiver.transport.connected:
                continue
            if stream.source.kind == "video" and not await self._may_watch(receiver, sender, stream, packet):
                continue
            self._ledger.forwarded[receiver.id, header.ssrc] += 1
            await receiver.transport.send(packet)

    async def _may_watch(self, receiver: Endpoint, sender: Endpoint, stream: Stream, packet: bytes) -> bool:
        if stream.source.name not in receiver.forwarded_names:
            return False
        is_retransmission = stream.main != stream.source.ssrc
        if receiver.can_decode(stream.main, b"" if is_retransmission else packet):
            return True
        if receiver.should_ask_keyframe(stream.main):
            self._ledger.keyframe_requests[stream.main] += 1
            await sender.ask_keyframe(stream.main)
        return False

    async def on_rtcp(self, member: Endpoint, data: bytes) -> None:
        """Pass reports and feedback on to whom they concern.

        Estimates (REMB) and BYE end here: they are for the bridge.
        """
        try:
            packets = RtcpPacket.parse(data)
        except ValueError:
            self._ledger.refused["malformed RTCP"] += 1
            return
        for packet in packets:
            if isinstance(packet, RtcpSrPacket):
                await self._pass_sender_report(member, packet)
            if isinstance(packet, RtcpSrPacket | RtcpRrPacket):
                await self._pass_receiver_reports(packet)
            elif isinstance(packet, RtcpPsfbPacket | RtcpRtpfbPacket):
                await self._pass_feedback(member, packet)

    async def _pass_sender_report(self, sender: Endpoint, packet: RtcpSrPacket) -> None:
        stream = sender.streams.get(packet.ssrc)
        if stream is None or packet.ssrc in sender.simulcast:
            return
        report = bytes(RtcpSrPacket(ssrc=packet.ssrc, sender_info=packet.sender_info))
        for receiver in self._conference.others(sender):
            if stream.source.kind == "audio" or stream.source.name in receiver.forwarded_names:
                await receiver.transport.send(report)

    async def _pass_receiver_reports(self, packet: RtcpSrPacket | RtcpRrPacket) -> None:
        for report in packet.reports:
            sender = self._conference.sender_of(report.ssrc)
            if sender is not None and report.ssrc not in sender.simulcast:
                await sender.transport.send(bytes(RtcpRrPacket(ssrc=packet.ssrc, reports=[report])))

    async def _pass_feedback(self, receiver: Endpoint, packet: RtcpPsfbPacket | RtcpRtpfbPacket) -> None:
        sender = self._conference.sender_of(packet.media_ssrc)
        if sender is None:
            return
        projection = receiver.projections.get(packet.media_ssrc)
        if projection is not None and isinstance(packet, RtcpRtpfbPacket):
            for number in packet.lost:
                repeated = projection.repeat(number)
                if repeated is not None:
                    await receiver.transport.send(repeated)
            return
        source = sender.streams[packet.media_ssrc].source
        if source.kind == "video" and source.name not in receiver.forwarded_names:
            return
        if isinstance(packet, RtcpPsfbPacket) and packet.fmt in (RTCP_PSFB_PLI, RTCP_PSFB_FIR):
            self._ledger.keyframe_requests[packet.media_ssrc] += 1
            await sender.ask_keyframe(packet.media_ssrc)
        else:
            await sender.transport.send(bytes(packet))
