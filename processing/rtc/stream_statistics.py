"""Statistics of senders and receivers in the form of aiortc, which is that of browsers."""

from __future__ import annotations

from aiortc import clock
from aiortc.rtp import RtcpReceiverInfo
from aiortc.stats import (
    RTCInboundRtpStreamStats,
    RTCOutboundRtpStreamStats,
    RTCRemoteInboundRtpStreamStats,
    RTCStatsReport,
)

from eyeline.processing.rtc.outgoing_stream import OutgoingStream
from eyeline.processing.rtc.reception_reports import ReceptionReports


def outbound(
    stream: OutgoingStream, *, ssrc: int, kind: str, track_id: str, transport_id: str
) -> RTCOutboundRtpStreamStats:
    """What was sent."""
    return RTCOutboundRtpStreamStats(
        timestamp=clock.current_datetime(),
        type="outbound-rtp",
        id=f"outbound-rtp_{ssrc}",
        ssrc=ssrc,
        kind=kind,
        transportId=transport_id,
        packetsSent=stream.packets_sent,
        bytesSent=stream.octets_sent,
        trackId=track_id,
    )


def remote_inbound(
    report: RtcpReceiverInfo, *, packets_sent: int, round_trip_s: float | None, kind: str, transport_id: str
) -> RTCRemoteInboundRtpStreamStats:
    """What the receiver said about it last."""
    return RTCRemoteInboundRtpStreamStats(
        timestamp=clock.current_datetime(),
        type="remote-inbound-rtp",
        id=f"remote-inbound-rtp_{report.ssrc}",
        ssrc=report.ssrc,
        kind=kind,
        transportId=transport_id,
        packetsReceived=packets_sent - report.packets_lost,
        packetsLost=report.packets_lost,
        jitter=report.jitter,
        roundTripTime=round_trip_s or 0.0,
        fractionLost=report.fraction_lost,
    )


def inbound(reports: ReceptionReports, *, kind: str, transport_id: str) -> RTCStatsReport:
    """What was received, by SSRC."""
    made = RTCStatsReport()
    for ssrc, stream in reports.streams:
        made.add(
            RTCInboundRtpStreamStats(
                timestamp=clock.current_datetime(),
                type="inbound-rtp",
                id=f"inbound-rtp_{ssrc}",
                ssrc=ssrc,
                kind=kind,
                transportId=transport_id,
                packetsReceived=stream.packets_received,
                packetsLost=stream.packets_lost,
                jitter=stream.jitter,
            )
        )
    return made
