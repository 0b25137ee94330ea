"""What a receiver reports of the streams that it gets (RFC 3550, section 6.4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from aiortc.rtp import RtcpReceiverInfo, RtcpRrPacket, RtcpSrPacket

from eyeline.processing.rtc.media_packet import MediaPacket
from eyeline.processing.rtc.ntp import middle_32
from eyeline.processing.rtc.reception_count import ReceptionCount

_MOST_REPORTS: Final = 31
_DLSR_HZ: Final = 65536
_LONGEST_S: Final = 65536.0


class ReceptionReports:
    """Counts packets by SSRC and writes receiver reports."""

    def __init__(self) -> None:
        self._streams: dict[int, ReceptionCount] = {}
        self._heard: dict[int, tuple[int, float]] = {}

    @property
    def streams(self) -> Iterator[tuple[int, ReceptionCount]]:
        """Every stream that was received, by SSRC."""
        return iter(self._streams.items())

    def add(self, packet: MediaPacket, rate_hz: int, arrived_at_s: float) -> None:
        """Count a packet that came at this time of the monotonic clock; `rate_hz` is of its timestamps."""
        stream = self._streams.get(packet.ssrc)
        if stream is None:
            stream = self._streams[packet.ssrc] = ReceptionCount(rate_hz)
        stream.add(packet, arrived_at_s)

    def sender_report(self, packet: RtcpSrPacket, arrived_at_s: float) -> None:
        """Note a sender's report, so that the next report of ours tells it the round trip."""
        self._heard[packet.ssrc] = (middle_32(packet.sender_info.ntp_timestamp), arrived_at_s)

    def build(self, own_ssrc: int, now_s: float) -> RtcpRrPacket | None:
        """A report about everything since the one before; `None` when there is nothing to say."""
        reports = [self._report(ssrc, stream, now_s) for ssrc, stream in self._streams.items()]
        return RtcpRrPacket(own_ssrc, reports[-_MOST_REPORTS:]) if reports else None

    def _report(self, ssrc: int, stream: ReceptionCount, now_s: float) -> RtcpReceiverInfo:
        lsr, arrived_at_s = self._heard.get(ssrc, (0, now_s))
        delay_s = now_s - arrived_at_s
        return RtcpReceiverInfo(
            ssrc=ssrc,
            fraction_lost=stream.fraction_lost(),
            packets_lost=stream.packets_lost,
            highest_sequence=stream.highest_sequence,
            jitter=stream.jitter & 0xFFFFFFFF,
            lsr=lsr,
            dlsr=int(delay_s * _DLSR_HZ) if delay_s < _LONGEST_S else 0,
        )
