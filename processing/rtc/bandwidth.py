"""How much a sender may send to us: aiortc's estimator with a start and a floor."""

from __future__ import annotations

from typing import Final

from aiortc.rate import RemoteBitrateEstimator
from aiortc.rtp import RtpPacket

START_BPS: Final = 2_000_000
FLOOR_BPS: Final = 150_000


class BandwidthEstimate:
    """The estimate that receivers send as REMB, from abs-send-time.

    Left alone, the estimator says nothing for three seconds and then what happened to be sent, and browsers begin with
    0.3 Mbit/s: a picture of 720p would need a quarter of a minute to become one.

    Args:
        start_bps: What is said first.
    """

    def __init__(self, start_bps: int = START_BPS) -> None:
        self._start_bps = start_bps
        self._estimator: RemoteBitrateEstimator | None = None

    def add(self, packet: RtpPacket, arrival_ms: int) -> tuple[int, list[int]] | None:
        """Note a packet. When it is time to tell the sender: bit/s and the SSRCs that share them."""
        if packet.extensions.abs_send_time is None:
            return None
        if self._estimator is None:
            self._estimator = RemoteBitrateEstimator()
            self._estimator.rate_control.set_estimate(self._start_bps, arrival_ms)
        told = self._estimator.add(
            arrival_time_ms=arrival_ms,
            abs_send_time=packet.extensions.abs_send_time,
            payload_size=len(packet.payload) + packet.padding_size,
            ssrc=packet.ssrc,
        )
        return None if told is None else (max(FLOOR_BPS, told[0]), told[1])
