"""How much a sender may send to us, from when its packets were sent and when they came."""

from __future__ import annotations

from typing import Final

from aiortc.rate import AimdRateControl, BandwidthUsage, OveruseDetector, OveruseEstimator

from eyeline.processing.rtc.arrival_groups import ArrivalGroups, GroupChange
from eyeline.processing.rtc.media_packet import MediaPacket
from eyeline.processing.rtc.rate_window import RateWindow

START_BPS: Final = 2_000_000
FLOOR_BPS: Final = 150_000
_MOST_SSRCS: Final = 31
_FORGET_MS: Final = 2000


class BandwidthEstimate:
    """The estimate that receivers send as REMB (draft-alvestrand-rmcat-remb-03): aiortc's filter, detector and control.

    Left alone, the control says nothing for three seconds and then what happened to be sent, and browsers begin with
    0.3 Mbit/s: a picture of 720p would need a quarter of a minute to become one. So there is a start, and a floor.

    A packet costs a few sums; the filter is asked once for a group of them.

    Args:
        start_bps: What is said first.
    """

    def __init__(self, start_bps: int = START_BPS) -> None:
        self._start_bps = start_bps
        self._rate = RateWindow()
        self._groups = ArrivalGroups()
        self._filter = OveruseEstimator()
        self._detector = OveruseDetector()
        self._control: AimdRateControl | None = None
        self._heard_at_ms: dict[int, int] = {}
        self._told_at_ms: int | None = None

    def add(self, packet: MediaPacket, sent: int, arrival_ms: int) -> tuple[int, list[int]] | None:
        """Note a packet.

        Args:
            packet: Of a stream that takes part.
            sent: When, in 24 bits of 2^-18 s.
            arrival_ms: When it came, on a clock that is never set.

        Returns:
            When it is time to tell the sender: bit/s and the SSRCs that share them.
        """
        octets = len(packet.payload) + packet.padding_size
        self._heard_at_ms[packet.ssrc] = arrival_ms
        self._rate.add(octets, arrival_ms)
        change = self._groups.add(sent, arrival_ms, octets)
        if change is not None:
            self._detect(change, arrival_ms)
        told_at_ms = self._told_at_ms
        if told_at_ms is None or self._control is None:
            return self._tell(arrival_ms)
        is_time = arrival_ms - told_at_ms > self._control.feedback_interval()
        if is_time or self._detector.hypothesis is BandwidthUsage.OVERUSING:
            return self._tell(arrival_ms)
        return None

    def _detect(self, change: GroupChange, now_ms: int) -> None:
        self._filter.update(change.arrived_ms, change.sent_ms, change.octets, self._detector.state(), now_ms)
        self._detector.detect(self._filter.offset(), change.sent_ms, self._filter.num_of_deltas(), now_ms)

    def _tell(self, now_ms: int) -> tuple[int, list[int]] | None:
        if self._control is None:
            self._control = AimdRateControl()
            self._control.set_estimate(self._start_bps, now_ms)
        allowed_bps = self._control.update(self._detector.state(), self._rate.bps(now_ms), now_ms)
        if allowed_bps is None:
            return None
        self._told_at_ms = now_ms
        heard = {ssrc: at_ms for ssrc, at_ms in self._heard_at_ms.items() if now_ms - at_ms <= _FORGET_MS}
        self._heard_at_ms = heard
        return max(FLOOR_BPS, allowed_bps), list(heard)[-_MOST_SSRCS:]
