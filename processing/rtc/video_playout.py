"""When a received picture is to be shown: at once on a good path, evenly on one that loses packets.

A packet that is sent again holds its picture up by a round trip, and with it those behind, which then come all at once:
a viewer sees a jerk, and whoever works on every picture has to leave some out. As long as that happens, pictures wait
until most of them are there in time.
"""

from __future__ import annotations

from typing import Final

from eyeline.processing.rtc.sliding_order import SlidingOrder

MOST_S: Final = 0.12
UNEVEN_S: Final = 0.03
_WINDOW_S: Final = 2.0
_IN_TIME: Final = 0.9
_SHRINK: Final = 0.05  # seconds a second: slower than anybody sees
_KNOWN_AFTER: Final = 10


class VideoPlayout:
    """Learns from how long pictures take, and says when each one is due."""

    def __init__(self) -> None:
        self._took_s = SlidingOrder(_WINDOW_S)
        self._delay_s = 0.0
        self._at_s = 0.0

    def restart(self) -> None:
        """Forget everything: another stream begins."""
        self._took_s.clear()
        self._delay_s = 0.0

    @property
    def delay_s(self) -> float:
        """How much longer than the quickest pictures all are made to take."""
        return self._delay_s

    def due_s(self, media_s: float, complete_at_s: float) -> float:
        """When to show a picture, on the clock of `complete_at_s`, and no later than `MOST_S` after that.

        Args:
            media_s: Its time on the sender's time line.
            complete_at_s: When its last packet came.
        """
        took_s = complete_at_s - media_s
        self._took_s.add(took_s, complete_at_s)
        least_s = self._took_s.least
        # what took longer still came out of a jam, and says nothing of what follows
        uneven_s = self._took_s.quantile(_IN_TIME, least_s + MOST_S) - least_s
        wanted_s = uneven_s if uneven_s > UNEVEN_S and len(self._took_s) >= _KNOWN_AFTER else 0.0
        shrunk_s = self._delay_s - _SHRINK * (complete_at_s - self._at_s)
        self._delay_s, self._at_s = max(wanted_s, shrunk_s, 0.0), complete_at_s
        return min(max(complete_at_s, media_s + least_s + self._delay_s), complete_at_s + MOST_S)
