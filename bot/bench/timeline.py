"""From what a sender and a receiver noted to latency, losses, freezes and lip sync."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

_SAME_EVENT_S: Final = 0.5

Moments = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture that came out at the other end, for the first time.

    Args:
        sent_at_s: When it was handed to the sender.
        shown_at_s: When it was decoded.
    """

    sent_at_s: float
    shown_at_s: float

    @property
    def latency_s(self) -> float:
        """From one to the other."""
        return self.shown_at_s - self.sent_at_s


@dataclass(frozen=True, slots=True)
class Passage:
    """What happened between two moments.

    Args:
        begin_s: Of the window, on the monotonic clock.
        end_s: Of the window.
        sent: How many pictures were sent in it.
        shown: Those of them that came out.
    """

    begin_s: float
    end_s: float
    sent: int
    shown: list[Shown]

    @property
    def seconds(self) -> float:
        """How long it was."""
        return self.end_s - self.begin_s

    @property
    def fps(self) -> float:
        """Pictures that came out, a second."""
        return len(self.shown) / self.seconds

    @property
    def latencies_ms(self) -> list[float]:
        """Of all pictures, in the order of sending."""
        return [each.latency_s * 1000 for each in self.shown]

    @property
    def dropped(self) -> int:
        """Sent and never seen."""
        return self.sent - len(self.shown)

    @property
    def longest_freeze_ms(self) -> float:
        """The longest time without a new picture."""
        moments = sorted(each.shown_at_s for each in self.shown)
        if not moments:
            return self.seconds * 1000
        return (
            float(np.diff([max(self.begin_s, moments[0] - 1 / 30), *moments, max(self.end_s, moments[-1])]).max())
            * 1000
        )

    def part(self, begin_s: float, end_s: float) -> Passage:
        """The pictures that were sent in a shorter window."""
        shown = [each for each in self.shown if begin_s <= each.sent_at_s < end_s]
        share = (end_s - begin_s) / self.seconds
        return Passage(begin_s, end_s, round(self.sent * share), shown)


def passage(
    sent: Sequence[tuple[int, float]],
    seen: Sequence[tuple[int | None, float]],
    *,
    begin_s: float,
    end_s: float,
) -> Passage:
    """Find each picture that was sent in a window at the other end.

    Numbers come again when the clip begins anew; a picture is then the one that was sent last before it was seen.

    Args:
        sent: Numbers and moments of sending, in order.
        seen: Numbers and moments of decoding; a number that could not be read is `None`.
        begin_s: Of the window.
        end_s: Of the window.
    """
    by_number: dict[int, list[float]] = {}
    for number, at_s in sent:
        by_number.setdefault(number, []).append(at_s)
    shown: dict[float, float] = {}
    for read, at_s in seen:
        moments = by_number.get(read, []) if read is not None else []
        index = bisect_left(moments, at_s)
        if index and begin_s <= moments[index - 1] < end_s:
            shown.setdefault(moments[index - 1], at_s)
    within = sum(begin_s <= at_s < end_s for _, at_s in sent)
    return Passage(begin_s, end_s, within, [Shown(*each) for each in sorted(shown.items())])


def skews_ms(flashes: Moments, beeps: Moments, *, begin_s: float, end_s: float) -> list[float]:
    """How much later each beep is than its flash by the sender's own reports, which receivers go by.

    Args:
        flashes: When each was seen, and when it was captured by the reports.
        beeps: Likewise.
        begin_s: Of the window.
        end_s: Of the window.
    """
    return _distances_ms([flash[1] for flash in _within(flashes, begin_s, end_s)], [beep[1] for beep in beeps])


def arrival_skews_ms(flashes: Moments, beeps: Moments, *, begin_s: float, end_s: float) -> list[float]:
    """How much later each beep comes out of the receiver than its flash, whatever reports say."""
    return _distances_ms([flash[0] for flash in _within(flashes, begin_s, end_s)], [beep[0] for beep in beeps])


def _within(moments: Moments, begin_s: float, end_s: float) -> list[tuple[float, float]]:
    return [each for each in moments if begin_s <= each[0] < end_s]


def _distances_ms(moments_s: Sequence[float], others_s: Sequence[float]) -> list[float]:
    """From each moment to the nearest of the others, where there is one near enough to belong to it."""
    others = np.asarray(others_s)
    if not len(others):
        return []
    nearest = [float(others[np.abs(others - moment_s).argmin()] - moment_s) for moment_s in moments_s]
    return [distance_s * 1000 for distance_s in nearest if abs(distance_s) < _SAME_EVENT_S]


def flatness(latencies_ms: Sequence[float]) -> dict[str, Any]:
    """Whether latency grows: the first third of the pictures against the last."""
    third = len(latencies_ms) // 3
    if not third:
        return {"first_third_p95_ms": None, "last_third_p95_ms": None, "flat": None}
    first, last = (float(np.percentile(part, 95)) for part in (latencies_ms[:third], latencies_ms[-third:]))
    return {"first_third_p95_ms": first, "last_third_p95_ms": last, "flat": last <= first * 1.25 + 20}
