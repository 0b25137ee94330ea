"""Large frames leave over some milliseconds: forty packets at once overflow the small buffers along the way."""

from __future__ import annotations

import math
from typing import Final

SPREAD_S: Final = 0.010
AT_ONCE: Final = 16
_STEP_S: Final = 0.00125
_LEAST_BURST: Final = 4


class FramePacer:
    """Lets the first packets of a frame go at once, and the others in steps; all of them within `SPREAD_S`.

    Every pause is one that the viewer waits, and a sleep takes longer than it should on a busy machine. So there are
    as few as the buffers along the way allow.

    Args:
        packets: How many the frame has.
    """

    def __init__(self, packets: int) -> None:
        self._packets = packets
        steps = round(SPREAD_S / _STEP_S)
        self._burst = max(_LEAST_BURST, math.ceil((packets - AT_ONCE) / steps))

    def allowed(self, elapsed_s: float) -> int:
        """How many packets may have left so long after the first; all of them after `SPREAD_S` at the latest."""
        if elapsed_s >= SPREAD_S:
            return self._packets
        return min(self._packets, AT_ONCE + self._burst * int(elapsed_s / _STEP_S))

    def pause_s(self, elapsed_s: float) -> float:
        """How long to wait for more to be allowed."""
        return max(0.0, (1 + int(elapsed_s / _STEP_S)) * _STEP_S - elapsed_s)
