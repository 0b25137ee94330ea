"""What is counted of a stream that is received, for reports (RFC 3550, section 6.4.1 and appendix A)."""

from __future__ import annotations

from typing import Final

from eyeline.processing.rtc.counters import Unwrapper
from eyeline.processing.rtc.media_packet import MediaPacket

_LEAST_LOST: Final = -(1 << 23)
_MOST_LOST: Final = (1 << 23) - 1
_SMOOTHING: Final = 16
_LONGEST_S: Final = 10.0  # after such a pause, or a jump of the timestamps, another transit time is no jitter


class ReceptionCount:
    """Counts the packets of one SSRC.

    Args:
        rate_hz: Of its timestamps.
    """

    def __init__(self, rate_hz: int) -> None:
        self.packets_received = 0
        self._rate_hz = rate_hz
        self._numbers = Unwrapper(16)
        self._first = 0
        self._newest = -1
        self._timestamp = -1
        self._arrived_at_s = 0.0
        self._jitter = 0.0
        self._expected_before = 0
        self._received_before = 0

    def add(self, packet: MediaPacket, arrived_at_s: float) -> None:
        """Count a packet, which came at this time of the monotonic clock."""
        number = self._numbers.extend(packet.sequence_number)
        self.packets_received += 1
        if self.packets_received == 1:
            self._first, self._newest = number, number - 1
        if number <= self._newest:
            return
        self._newest = number
        timestamp = packet.timestamp
        if timestamp == self._timestamp:
            return  # of a picture the first packet tells how long it took
        if self.packets_received > 1:
            apart = (timestamp - self._timestamp + (1 << 31)) % (1 << 32) - (1 << 31)
            change = abs((arrived_at_s - self._arrived_at_s) * self._rate_hz - apart)
            if change < _LONGEST_S * self._rate_hz:
                self._jitter += (change - self._jitter) / _SMOOTHING
        self._timestamp, self._arrived_at_s = timestamp, arrived_at_s

    @property
    def highest_sequence(self) -> int:
        """The highest sequence number, with the count of its wrap-arounds above the 16 bits."""
        return self._newest & 0xFFFFFFFF

    @property
    def jitter(self) -> int:
        """Of the time that packets take, smoothed, in units of their timestamps."""
        return int(self._jitter)

    @property
    def packets_expected(self) -> int:
        """As many as there would be without loss."""
        return self._newest - self._first + 1

    @property
    def packets_lost(self) -> int:
        """In all, within 24 bits; negative when packets come twice."""
        return max(_LEAST_LOST, min(_MOST_LOST, self.packets_expected - self.packets_received))

    def fraction_lost(self) -> int:
        """Of the packets since it was asked for last, in 256ths."""
        expected, received = self.packets_expected, self.packets_received
        due, lost = (
            expected - self._expected_before,
            (expected - self._expected_before) - (received - self._received_before),
        )
        self._expected_before, self._received_before = expected, received
        return (lost << 8) // due if due > 0 and lost > 0 else 0
