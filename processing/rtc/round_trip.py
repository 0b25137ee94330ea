"""The round-trip time, as reports tell it (RFC 3550, section 6.4.1)."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from eyeline.processing.rtc.recent_minimum import RecentMinimum

_REPORTS_KEPT: Final = 8
_WEIGHT: Final = 0.15
_DLSR_HZ: Final = 65536


class RoundTrip:
    """Smoothed from the sender reports that we sent and what came back about them."""

    def __init__(self) -> None:
        self.value_s: float | None = None
        self._sent_at_s: OrderedDict[int, float] = OrderedDict()
        self._recent_s = RecentMinimum()

    @property
    def smallest_s(self) -> float | None:
        """The smallest of the last seconds: what the path takes when nobody is busy."""
        return self._recent_s.value

    def report_sent(self, middle_32: int, at_s: float) -> None:
        """A sender report with this middle part of its NTP time left."""
        self._sent_at_s[middle_32] = at_s
        while len(self._sent_at_s) > _REPORTS_KEPT:
            self._sent_at_s.popitem(last=False)

    def report_received(self, lsr: int, dlsr: int, at_s: float) -> float | None:
        """A report block came: the last sender report seen there, and how long ago, in 1/65536 s.

        Returns:
            What this round trip took, where the sender report is known.
        """
        sent_at_s = self._sent_at_s.get(lsr)
        if sent_at_s is None:
            return None
        measured_s = max(0.0, at_s - sent_at_s - dlsr / _DLSR_HZ)
        self._recent_s.add(measured_s, at_s)
        self.value_s = measured_s if self.value_s is None else self.value_s + _WEIGHT * (measured_s - self.value_s)
        return measured_s
