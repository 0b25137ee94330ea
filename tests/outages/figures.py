"""From times of decoded pictures to what an outage cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import Any

STANDS_STILL_S = 0.2  # pictures come each 33 ms; a machine with other work may take this long for one

Pause = tuple[float, float]


def pauses_of(decoded_at_s: Sequence[float], usable_s: float, until_s: float) -> list[Pause]:
    """From when to when no new picture came, as far as that was after `usable_s`. Times are in one clock.

    Args:
        decoded_at_s: When pictures were decoded, in order.
        usable_s: When the network could be used again.
        until_s: The end of what is looked at.
    """
    after = [at_s for at_s in decoded_at_s if usable_s < at_s <= until_s]
    edges = [max([usable_s - 3600.0, *(at_s for at_s in decoded_at_s if at_s <= usable_s)]), *after, until_s]
    return [
        (max(begin, usable_s), end) for begin, end in pairwise(edges) if end > usable_s and end - begin > STANDS_STILL_S
    ]


def longest_s(pauses: Sequence[Pause]) -> float:
    """How long nothing new was seen; stutter after that is not counted in."""
    return max((end - begin for begin, end in pauses), default=0.0)


@dataclass
class Outages:
    """What was measured of one kind of outage.

    Args:
        needs: Which of the network's own times it has to wait for.
    """

    needs: str
    return_ms: list[float] = field(default_factory=list)
    signalling_ms: list[float] = field(default_factory=list)
    missed: int = 0

    def told(self, network_ms: dict[str, float]) -> dict[str, Any]:
        """For the report; `network_ms` are medians of a plain client."""
        own_ms = network_ms[self.needs]
        return {
            "rounds": len(self.return_ms),
            "missed": self.missed,
            "return_ms": spread(self.return_ms),
            "network": self.needs,
            "network_ms": round(own_ms),
            "beyond_network_ms": spread([max(0.0, each - own_ms) for each in self.return_ms]),
            **({"signalling_ms": spread(self.signalling_ms)} if self.signalling_ms else {}),
        }


def spread(values_ms: Sequence[float]) -> dict[str, int] | None:
    """Median and extremes."""
    if not values_ms:
        return None
    return {"p50": round(median(values_ms)), "least": round(min(values_ms)), "most": round(max(values_ms))}
