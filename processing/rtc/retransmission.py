"""Packets that were lost on their way out: which are sent again, and when that is refused."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from aiortc.rtp import RtpPacket

LEAST_COOLDOWN_S: Final = 0.025
_KEPT_PACKETS: Final = 1024
_KEPT_S: Final = 1.0
_BURST_BYTES: Final = 48_000
_LEAST_RATE_BPS: Final = 400_000


@dataclass(slots=True)
class _Sent:
    packet: RtpPacket
    at_s: float
    repeated_at_s: float | None = None


class Retransmission:
    """The packets of the last second, to be sent again on a NACK (RFC 4585, section 6.2.1).

    A receiver that knows no better asks for the same packet again before the answer can have arrived, and loses more
    the more it gets. So a packet is repeated at most once per round trip, and all repetitions together may take no more
    than half of the stream's own rate.
    """

    def __init__(self) -> None:
        self.refused = 0
        self._sent: OrderedDict[int, _Sent] = OrderedDict()
        self._budget_bytes = float(_BURST_BYTES)
        self._filled_at_s: float | None = None

    def remember(self, packet: RtpPacket, at_s: float) -> None:
        """A packet was sent."""
        self._sent.pop(packet.sequence_number, None)
        self._sent[packet.sequence_number] = _Sent(packet, at_s)
        while len(self._sent) > _KEPT_PACKETS or next(iter(self._sent.values())).at_s < at_s - _KEPT_S:
            self._sent.popitem(last=False)

    def take(self, sequence_number: int, now_s: float, *, round_trip_s: float, rate_bps: float) -> RtpPacket | None:
        """The packet with a sequence number if it may be sent again now."""
        sent = self._sent.get(sequence_number)
        if sent is None:
            return None
        self._fill(now_s, rate_bps)
        cooldown_s = max(LEAST_COOLDOWN_S, round_trip_s)
        too_early = sent.repeated_at_s is not None and now_s - sent.repeated_at_s < cooldown_s
        if too_early or self._budget_bytes < len(sent.packet.payload):
            self.refused += 1
            return None
        sent.repeated_at_s = now_s
        self._budget_bytes -= len(sent.packet.payload)
        return sent.packet

    def _fill(self, now_s: float, rate_bps: float) -> None:
        if self._filled_at_s is not None:
            rate_bytes = max(rate_bps / 2, _LEAST_RATE_BPS) / 8
            gained = rate_bytes * (now_s - self._filled_at_s)
            self._budget_bytes = min(_BURST_BYTES, self._budget_bytes + gained)
        self._filled_at_s = now_s
