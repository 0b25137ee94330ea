"""When a received frame was captured, on our own monotonic clock.

Sender reports pair RTP timestamps with the sender's NTP clock (RFC 3550, section 6.4.1). That clock's distance to ours
is learnt from when its reports arrive, by the smallest delay of the last seconds: waiting only ever adds. Sound and
picture of one sender share that distance, so their lip sync survives. Until a report comes, arrival stands in.
"""

from __future__ import annotations

from typing import Final

from eyeline.processing.rtc.counters import Unwrapper
from eyeline.processing.rtc.ntp import ntp_s
from eyeline.processing.rtc.recent_minimum import RecentMinimum

_SLEW: Final = 0.005  # seconds a second: inaudible, and faster than any clock drifts
_STEP_S: Final = 0.5  # a larger error is no drift but another clock
_EARLIEST_S: Final = 3.0  # a report that says a frame was older than that on arrival is not believed
_LATEST_S: Final = 0.25


class SenderClock:
    """The distance of one sender's NTP clock to ours, from the reports of all its streams."""

    def __init__(self) -> None:
        self._offset_s = RecentMinimum()

    @property
    def offset_s(self) -> float | None:
        """What to add to the sender's NTP seconds for our monotonic ones; `None` before the first report."""
        return self._offset_s.value

    def report(self, ntp: int, arrived_at_s: float) -> None:
        """A report left the sender at `ntp` and came at `arrived_at_s` of ours."""
        self._offset_s.add(arrived_at_s - ntp_s(ntp), arrived_at_s)


class StreamClock:
    """Maps the RTP timestamps of one stream to the moments of their capture.

    Args:
        sender: Shared by all streams of one sender.
        rate_hz: Of the RTP timestamps.
    """

    def __init__(self, sender: SenderClock, rate_hz: int) -> None:
        self._sender = sender
        self._rate_hz = rate_hz
        self.restart()

    def restart(self) -> None:
        """Forget the mapping: another stream begins, with timestamps of its own."""
        self._unwrapper = Unwrapper(32)
        self._by_arrival = RecentMinimum()
        self._by_report = RecentMinimum()
        self._offset_s: float | None = None
        self._follows_reports = False
        self._followed_at_s = 0.0

    def attach(self, sender: SenderClock) -> None:
        """Learn whose stream this is."""
        if sender is not self._sender:
            self._sender = sender
            self._by_report = RecentMinimum()

    def arrived(self, timestamp: int, at_s: float) -> None:
        """A packet with an RTP timestamp came. To be called for every packet, in order of arrival."""
        self._by_arrival.add(at_s - self._unwrapper.extend(timestamp) / self._rate_hz, at_s)
        self._follow(at_s)

    def report(self, ntp: int, timestamp: int, arrived_at_s: float) -> None:
        """A sender report came. One without a time (`ntp` 0) says nothing."""
        if ntp == 0:
            return
        self._sender.report(ntp, arrived_at_s)
        if self._by_arrival.value is not None:
            extended = self._unwrapper.extend(timestamp)
            self._by_report.add(ntp_s(ntp) - extended / self._rate_hz, arrived_at_s)

    def captured_at_s(self, timestamp: int) -> float:
        """The moment of capture in seconds of `time.monotonic()`.

        Raises:
            RuntimeError: Nothing of the stream came yet.
        """
        if self._offset_s is None:
            raise RuntimeError("nothing of this stream came yet")
        return self._offset_s + self._unwrapper.extend(timestamp) / self._rate_hz

    def _follow(self, at_s: float) -> None:
        by_report_s = self._reported_s()
        aim_s = self._by_arrival.value if by_report_s is None else by_report_s
        if aim_s is None:
            return
        follows_reports = by_report_s is not None
        changed = follows_reports is not self._follows_reports
        if self._offset_s is None or changed or abs(aim_s - self._offset_s) > _STEP_S:
            self._offset_s = aim_s
        else:
            most_s = _SLEW * max(0.0, at_s - self._followed_at_s)
            self._offset_s += max(-most_s, min(most_s, aim_s - self._offset_s))
        self._follows_reports = follows_reports
        self._followed_at_s = at_s

    def _reported_s(self) -> float | None:
        """The mapping by reports, unless there is none or it contradicts when packets arrive."""
        distance_s, pairing_s, arrival_s = self._sender.offset_s, self._by_report.value, self._by_arrival.value
        if distance_s is None or pairing_s is None or arrival_s is None:
            return None
        # sums of two values near 4e9: a double still resolves half a microsecond
        offset_s = pairing_s + distance_s
        return offset_s if -_EARLIEST_S < offset_s - arrival_s < _LATEST_S else None
