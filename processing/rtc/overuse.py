"""What a sinking estimate means: that a path fills up, or only that little was sent."""

from __future__ import annotations

import math
from collections import deque
from typing import Final

WINDOW_S: Final = 1.0
LASTS_S: Final = 0.4
_CLEARLY_LESS: Final = 0.95
_SINKS: Final = 0.97
_USED: Final = 0.5
_LATE_BY_S: Final = 0.06
_LATE_BY: Final = 1.5
_LONGEST_S: Final = 3.0


class Overuse:
    """Tells from a receiver's estimates (REMB) whether packets queue up on the way.

    A receiver that sees packets come later and later says 0.85 times what it received in the last second (GCC,
    draft-ietf-rmcat-gcc, section 5.5). One that is sent little says one and a half times that. So an estimate that
    sinks below what was sent is about the path, and one that sinks above it is not. Two things look like it and are
    not, as a Jitsi Videobridge says them on the best of paths: what it estimates when much less is sent than a moment
    ago, and an estimate that stays behind what gets through, for minutes, and wavers. `now_s` is of one clock
    throughout, and never runs back.
    """

    def __init__(self) -> None:
        self._sent: deque[tuple[float, int]] = deque()
        self._sent_bytes = 0
        self._estimate_bps: int | None = None
        self._begun_at_s = self._until_s = 0.0
        self._signed_at_s = -math.inf

    def sent(self, size_bytes: int, now_s: float) -> None:
        """So much left."""
        self._sent.append((now_s, size_bytes))
        self._sent_bytes += size_bytes
        self._forget(now_s)

    def on_estimate(self, bitrate_bps: int, now_s: float, *, allowed_bps: float = 0.0) -> bool:
        """A receiver estimates; whether that is a sign that packets queue up.

        Args:
            bitrate_bps: What it estimates.
            now_s: When.
            allowed_bps: What might have been sent. Where it is far more than was, others were happy with that moments
                ago, and only losses and round trips can tell that they are not any more.
        """
        self._forget(now_s)
        before_bps, self._estimate_bps = self._estimate_bps, bitrate_bps
        sent_bps = self._sent_bytes * 8 / WINDOW_S
        least_bps = sent_bps * _CLEARLY_LESS
        sinks = before_bps is not None and bitrate_bps < before_bps * _SINKS and bitrate_bps < least_bps
        # one that was behind what got through anyway says little when it sinks, but where it just began to
        followed = before_bps is not None and (before_bps >= least_bps or now_s - self._signed_at_s < _LONGEST_S)
        if not sinks or not followed or sent_bps < allowed_bps * _USED:
            return False
        self._signed_at_s = now_s
        self._lasts(now_s)
        return True

    def on_round_trip(self, round_trip_s: float, smallest_s: float, now_s: float) -> None:
        """A round trip took so long, and at least so long lately: a queue that is known of is there still."""
        if self.lasts(now_s) and round_trip_s > smallest_s * _LATE_BY + _LATE_BY_S:
            self._lasts(now_s)

    def lasts(self, now_s: float) -> bool:
        """Whether there was a sign a moment ago: what queued up has to drain."""
        return now_s < min(self._until_s, self._begun_at_s + _LONGEST_S)

    def _lasts(self, now_s: float) -> None:
        if now_s >= self._until_s:
            self._begun_at_s = now_s
        self._until_s = now_s + LASTS_S

    def _forget(self, now_s: float) -> None:
        while self._sent and self._sent[0][0] <= now_s - WINDOW_S:
            self._sent_bytes -= self._sent.popleft()[1]
