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
_CONGESTED_BURST_BYTES: Final = 6_000
_CONGESTED_SHARE: Final = 0.1
_CONGESTED_AGE_S: Final = 0.25


@dataclass(slots=True)
class _Sent:
    packet: RtpPacket
    at_s: float
    repeated_at_s: float | None = None


class Retransmission:
    """The packets of the last second, to be sent again on a NACK (RFC 4585, section 6.2.1).

    A receiver that knows no better asks for the same packet again before the answer can have arrived, and loses more
    the more it gets. So a packet is repeated at most once per round trip, and all repetitions together may take no more
    than half of the stream's own rate. Where packets queue up on the way it is a tenth, and nothing of old packets:
    they would come after whatever waits for them has given up, and what they displace is lost as well.
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

    def take(
        self, sequence_number: int, now_s: float, *, round_trip_s: float, rate_bps: float, congested: bool = False
    ) -> RtpPacket | None:
        """The packet with a sequence number if it may be sent again now."""
        sent = self._sent.get(sequence_number)
        if sent is None:
            return None
        self._fill(now_s, rate_bps, congested=congested)
        cooldown_s = max(LEAST_COOLDOWN_S, round_trip_s)
        too_early = sent.repeated_at_s is not None and now_s - sent.repeated_at_s < cooldown_s
        too_late = congested and now_s - sent.at_s > _CONGESTED_AGE_S
        if too_early or too_late or self._budget_bytes < len(sent.packet.payload):
            self.refused += 1
            return None
        sent.repeated_at_s = now_s
        self._budget_bytes -= len(sent.packet.payload)
        return sent.packet

    def _fill(self, now_s: float, rate_bps: float, *, congested: bool) -> None:
        if self._filled_at_s is not None:
            share_bps = rate_bps * _CONGESTED_SHARE if congested else max(rate_bps / 2, _LEAST_RATE_BPS)
            gained = share_bps / 8 * (now_s - self._filled_at_s)
            most_bytes = _CONGESTED_BURST_BYTES if congested else _BURST_BYTES
            self._budget_bytes = min(most_bytes, self._budget_bytes + gained)
        self._filled_at_s = now_s
