"""Large frames leave over some milliseconds: forty packets at once overflow the small buffers along the way."""

from __future__ import annotations

import math
from typing import Final

SPREAD_S: Final = 0.010
AT_ONCE: Final = 10
_STEP_S: Final = 0.00125


class FramePacer:
    """Spreads the packets of one frame; those of a small one go at once.

    Args:
        packets: How many the frame has.
    """

    def __init__(self, packets: int) -> None:
        self._packets = packets
        steps = min(math.ceil(packets / AT_ONCE * 2), round(SPREAD_S / _STEP_S)) if packets > AT_ONCE else 1
        self._burst = math.ceil(packets / steps)

    def allowed(self, elapsed_s: float) -> int:
        """How many packets may have left so long after the first; all of them after `SPREAD_S` at the latest."""
        if elapsed_s >= SPREAD_S:
            return self._packets
        return min(self._packets, self._burst * (1 + int(elapsed_s / _STEP_S)))

    def pause_s(self, elapsed_s: float) -> float:
        """How long to wait for more to be allowed."""
        return max(0.0, (1 + int(elapsed_s / _STEP_S)) * _STEP_S - elapsed_s)
