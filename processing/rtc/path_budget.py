"""How much the layers of simulcast may take together: the receiver's estimate, believed only where there is cause.

A receiver estimates from what arrives. When layers pause because nobody wants them, little arrives, the estimate sinks,
and a sender that obeys sends less still, down to nothing on the best of networks. So an estimate is followed down only
when packets are lost or round trips grow, and climbing back is what shows whether there is room.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Final

from aiortc.rtp import RtcpReceiverInfo

from eyeline.processing.rtc.recent_minimum import RecentMinimum

START_BPS: Final = 1_200_000
LEAST_BPS: Final = 150_000
_RAMP_PER_S: Final = 1.15
_LOSS_BORNE: Final = 0.02
_LOSS_HEAVY: Final = 0.10
_LOSS_WINDOW_S: Final = 1.0
_LEAST_PACKETS: Final = 30
_SLOWER_BY: Final = 1.5
_SLOWER_BY_S: Final = 0.05
_SLOW_FOR_S: Final = 0.2
_BASE_TRIP_WINDOW_S: Final = 60.0
_ESTIMATE_COUNTS_S: Final = 3.0
_BELOW_ESTIMATE: Final = 0.85
_DRAIN: Final = 0.7  # of the estimate, where packets are late: what has queued up on the way has to get through as well
_CUT: Final = 0.7
_CUT_INTERVAL_S: Final = 0.5
_PATIENCE_S: Final = 6.0
_LONGEST_PATIENCE_S: Final = 60.0
_RELAPSE_S: Final = 20.0
_WRAP_32: Final = 1 << 32


class PathBudget:
    """Follows down at once and climbs slowly. `now_s` is of one clock throughout, and never runs back."""

    def __init__(self) -> None:
        self._budget_bps = float(START_BPS)
        self._advanced_at_s: float | None = None
        self._estimate: tuple[int, float] | None = None
        self._counts: dict[int, tuple[int, int]] = {}
        self._recent: deque[tuple[float, int, int]] = deque()
        self._base_trip_s = RecentMinimum(_BASE_TRIP_WINDOW_S)
        self._is_slow = False
        self._slow_since_s: float | None = None
        self._cut_at_s = -math.inf
        self._climbed_at_s = -math.inf
        self._patience_s = 0.0

    @property
    def granted_bps(self) -> float:
        """What might be sent, as it was when somebody asked."""
        return self._budget_bps

    def on_estimate(self, bitrate_bps: int, now_s: float, *, overused: bool = False) -> None:
        """A receiver estimates how much gets through to it (REMB, draft-alvestrand-rmcat-remb).

        Args:
            bitrate_bps: Of all layers together.
            now_s: When.
            overused: Whether it is a sign that packets queue up (`overuse.py`), which is believed at once.
        """
        self._estimate = (bitrate_bps, now_s)
        if overused and bitrate_bps * _DRAIN < self._budget_bps:
            self._cut(bitrate_bps * _DRAIN, now_s)
        self._judge(now_s)

    def on_report(self, report: RtcpReceiverInfo, now_s: float) -> None:
        """A receiver reports what it got of one SSRC (RFC 3550, section 6.4.1)."""
        lost, highest = self._counts.get(report.ssrc, (report.packets_lost, report.highest_sequence))
        self._counts[report.ssrc] = (report.packets_lost, report.highest_sequence)
        expected = (report.highest_sequence - highest) % _WRAP_32
        if expected < _WRAP_32 // 2:
            self._recent.append((now_s, max(0, report.packets_lost - lost), expected))
        self._judge(now_s)

    def on_round_trip(self, round_trip_s: float, now_s: float) -> None:
        """A round trip took so long."""
        self._base_trip_s.add(round_trip_s, now_s)
        excess_s = round_trip_s - (self._base_trip_s.value or round_trip_s) * _SLOWER_BY
        if excess_s <= _SLOWER_BY_S:
            self._slow_since_s = None
        elif self._slow_since_s is None:
            self._slow_since_s = now_s
        # one alone, however slow, may be a moment in which this machine or the other one was busy, so it has to last
        self._is_slow = self._slow_since_s is not None and now_s - self._slow_since_s >= _SLOW_FOR_S
        self._judge(now_s)

    def bps(self, now_s: float, useful_bps: int) -> int:
        """What may be sent now.

        Args:
            now_s: When.
            useful_bps: What there is use for; the budget climbs no further.
        """
        elapsed_s = 0.0 if self._advanced_at_s is None else max(0.0, now_s - self._advanced_at_s)
        self._advanced_at_s = now_s
        waits = now_s - self._cut_at_s < self._patience_s or self._loss(now_s) > _LOSS_BORNE or self._is_slow
        if not waits and self._budget_bps < useful_bps:
            self._climbed_at_s = now_s
            self._budget_bps = min(useful_bps, self._budget_bps * _RAMP_PER_S**elapsed_s)
        return round(self._budget_bps)

    def _judge(self, now_s: float) -> None:
        """Follow down where packets are lost or late."""
        loss = self._loss(now_s)
        if not (loss > _LOSS_BORNE or self._is_slow):
            return
        if self._estimate is not None and now_s - self._estimate[1] <= _ESTIMATE_COUNTS_S:
            fitting_bps = self._estimate[0] * (_DRAIN if self._is_slow else _BELOW_ESTIMATE)
        elif (self._is_slow or loss > _LOSS_HEAVY) and now_s - self._cut_at_s >= _CUT_INTERVAL_S:
            fitting_bps = self._budget_bps * _CUT
        else:
            return
        if fitting_bps < self._budget_bps:
            self._cut(fitting_bps, now_s)

    def _cut(self, budget_bps: float, now_s: float) -> None:
        if now_s - self._cut_at_s > self._patience_s:  # or it is the same trouble still
            relapsed = now_s - self._climbed_at_s < _RELAPSE_S and self._patience_s
            self._patience_s = min(_LONGEST_PATIENCE_S, self._patience_s * 2) if relapsed else _PATIENCE_S
        self._cut_at_s = now_s
        self._budget_bps = max(LEAST_BPS, budget_bps)

    def _loss(self, now_s: float) -> float:
        """The part of the packets of all layers that was lost lately."""
        while self._recent and self._recent[0][0] < now_s - _LOSS_WINDOW_S:
            self._recent.popleft()
        expected = sum(each[2] for each in self._recent)
        return sum(each[1] for each in self._recent) / expected if expected >= _LEAST_PACKETS else 0.0
