"""Packets that were lost on their way out: which are sent again, and when that is refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from eyeline.processing.rtc.packet_template import HeaderLayout

LEAST_COOLDOWN_S: Final = 0.025
_WRAP_16: Final = 1 << 16
_KEPT_PACKETS: Final = 1024
_KEPT_S: Final = 1.0
_BURST_BYTES: Final = 48_000
_LEAST_RATE_BPS: Final = 400_000
_CONGESTED_BURST_BYTES: Final = 6_000
_CONGESTED_SHARE: Final = 0.1
_CONGESTED_AGE_S: Final = 0.25


class SentPacket(NamedTuple):
    """A packet that was sent.

    Args:
        sequence_number: Of the packet.
        data: Before encryption.
        layout: Of `data`.
        at_s: When.
        repeated_at_s: When it was sent once more, the last time.
    """

    sequence_number: int
    data: bytes
    layout: HeaderLayout
    at_s: float
    repeated_at_s: float | None = None

    @property
    def payload_bytes(self) -> int:
        """How long its payload is."""
        return len(self.data) - self.layout.payload_at


class Retransmission:
    """The packets of the last second, to be sent again on a NACK (RFC 4585, section 6.2.1).

    A receiver that knows no better asks for the same packet again before the answer can have arrived, and loses more
    the more it gets. So a packet is repeated at most once per round trip, and all repetitions together may take no more
    than half of the stream's own rate. Where packets queue up on the way it is a tenth, and nothing of old packets:
    they would come after whatever waits for them has given up, and what they displace is lost as well.
    """

    def __init__(self) -> None:
        self.refused = 0
        self._sent: list[SentPacket | None] = [None] * _KEPT_PACKETS  # each in the place of its number
        self._newest_at_s = 0.0
        self._budget_bytes = float(_BURST_BYTES)
        self._filled_at_s: float | None = None

    def remember(self, first: int, packets: Sequence[bytes], layout: HeaderLayout, at_s: float) -> None:
        """Packets were sent together, with sequence numbers from `first` on."""
        sent, self._newest_at_s = self._sent, at_s
        for number, packet in enumerate(packets, first):
            sent[number % _KEPT_PACKETS] = SentPacket(number % _WRAP_16, packet, layout, at_s)

    def take(
        self, sequence_number: int, now_s: float, *, round_trip_s: float, rate_bps: float, congested: bool = False
    ) -> SentPacket | None:
        """The packet with a sequence number if it may be sent again now."""
        sent = self._sent[sequence_number % _KEPT_PACKETS]
        if sent is None or sent.sequence_number != sequence_number or sent.at_s < self._newest_at_s - _KEPT_S:
            return None
        self._fill(now_s, rate_bps, congested=congested)
        cooldown_s = max(LEAST_COOLDOWN_S, round_trip_s)
        too_early = sent.repeated_at_s is not None and now_s - sent.repeated_at_s < cooldown_s
        too_late = congested and now_s - sent.at_s > _CONGESTED_AGE_S
        if too_early or too_late or self._budget_bytes < sent.payload_bytes:
            self.refused += 1
            return None
        self._sent[sequence_number % _KEPT_PACKETS] = sent._replace(repeated_at_s=now_s)
        self._budget_bytes -= sent.payload_bytes
        return sent

    def _fill(self, now_s: float, rate_bps: float, *, congested: bool) -> None:
        if self._filled_at_s is not None:
            share_bps = rate_bps * _CONGESTED_SHARE if congested else max(rate_bps / 2, _LEAST_RATE_BPS)
            gained = share_bps / 8 * (now_s - self._filled_at_s)
            most_bytes = _CONGESTED_BURST_BYTES if congested else _BURST_BYTES
            self._budget_bytes = min(most_bytes, self._budget_bytes + gained)
        self._filled_at_s = now_s
