"""How long sound has to wait so that most of it is there in time."""

from __future__ import annotations

from eyeline.processing.rtc.sliding_order import SlidingOrder

WINDOW_S = 5.0
MAX_DELAY_S = 0.12
ALLOWANCE_FOR_S = 20.0

_IN_TIME = 0.97
_MARGIN_S = 0.004
_FIRST_MARGIN_S = 0.02
_KNOWN_AFTER = 50


class PlayoutDelay:
    """Maps the sender's time line onto ours: a packet is played at its own time plus `offset_s`.

    The offset lets 97 % of the packets of the last seconds be in time. It grows with the first packets that come later
    and shrinks once they have left the window; a clock that drifts moves it as well. A single packet that is held up
    does not count: concealing it is better than delaying everything after it.
    """

    def __init__(self) -> None:
        self._transits = SlidingOrder(WINDOW_S)
        self._allowance_s = 0.0
        self._allowance_until_s = 0.0
        self.offset_s = 0.0
        self.least_s = 0.0

    def reset(self) -> None:
        """Forget everything: another stream begins."""
        self._transits.clear()
        self._allowance_s = 0.0

    def arrived(self, media_s: float, arrived_at_s: float) -> None:
        """Note a packet.

        Args:
            media_s: Its time on the sender's time line.
            arrived_at_s: When it came, on ours.
        """
        self._transits.add(arrived_at_s - media_s, arrived_at_s)
        if arrived_at_s > self._allowance_until_s:
            self._allowance_s = 0.0
        self.least_s = self._transits.least
        margin_s = _MARGIN_S if len(self._transits) >= _KNOWN_AFTER else _FIRST_MARGIN_S
        # what took much longer came out of a jam, and says nothing of what follows
        in_time_s = self._transits.quantile(_IN_TIME, self.least_s + MAX_DELAY_S)
        wanted_s = in_time_s + margin_s + self._allowance_s
        self.offset_s = min(wanted_s, self.least_s + MAX_DELAY_S)

    def allow(self, extra_s: float, now_s: float) -> None:
        """Wait longer for a while, since packets are lost and the one after each can bring it back."""
        self._allowance_s = max(extra_s, self._allowance_s)
        self._allowance_until_s = now_s + ALLOWANCE_FOR_S
