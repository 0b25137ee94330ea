"""How much work a mask is worth on this machine at this moment: less is done before frames would be lost.

A composite is made for every frame in every tier. What changes is which net looks, and whether the mask of every second
frame is the one before it, carried along.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Tier(Enum):
    """From the best to the cheapest."""

    CLOSE = "close"
    CLOSE_HALF = "close-half"
    FINDER = "finder"
    FINDER_HALF = "finder-half"

    @property
    def looks_closely(self) -> bool:
        """Whether the net that sees the person alone is asked."""
        return self in (Tier.CLOSE, Tier.CLOSE_HALF)

    @property
    def carries(self) -> bool:
        """Whether every second mask is the one before it, carried along."""
        return self in (Tier.CLOSE_HALF, Tier.FINDER_HALF)


CHEAPER: dict[Tier, Tier] = {
    Tier.CLOSE: Tier.CLOSE_HALF,
    Tier.CLOSE_HALF: Tier.FINDER,
    Tier.FINDER: Tier.FINDER_HALF,
}
"""Where to go when frames take too long."""

BETTER: dict[Tier, Tier] = {cheaper: better for better, cheaper in CHEAPER.items()}
"""Where to go when there is time to spare."""

TOO_BUSY = 0.88
"""Of the time between frames, spent on them: more, and a cheaper tier is taken."""

_AT_EASE = 0.55  # a better tier takes up to half as much again
_OVER_S = 1.0
_FRAMES_OVER = 12
_SPARE_S = 6.0
_LONGEST_SPARE_S = 96.0
_KEPT_S = 10.0  # a better tier that lasts so long was no mistake
_SMOOTHING_S = 0.5
_LONGEST_INTERVAL_S = 1.0
_FIRST_FRAMES = 3  # of a tier: a net that begins, or a person who is looked for, says nothing about the rest


@dataclass(frozen=True, slots=True)
class TierChange:
    """Another tier, and why, in plain words."""

    tier: Tier
    why: str


class TierControl:
    """Chooses the tier by what frames took, with patience in both directions; used by one thread.

    What counts is the share of time that goes into frames: a picture that cannot keep up always works, whatever the
    rate of its source. A climb that had to be taken back makes the next one wait twice as long.

    Args:
        pinned: The tier to stay in, whatever frames take.
    """

    def __init__(self, pinned: Tier | None = None) -> None:
        self._pinned = pinned
        self._newest = (
            TierChange(pinned, "it was asked for") if pinned else TierChange(Tier.CLOSE, "the picture begins")
        )
        self._busy: float | None = None
        self._last_s: float | None = None
        self._frames = 0
        self._lasted_s = 0.0
        self._over_s = self._spare_s = 0.0
        self._frames_over = 0
        self._wanted_spare_s = _SPARE_S
        self._climbed = False

    @property
    def tier(self) -> Tier:
        """For the next frame."""
        return self._newest.tier

    @property
    def why(self) -> str:
        """Why that one."""
        return self._newest.why

    def spent(self, frame_s: float, captured_at_s: float) -> None:
        """Take what a frame took; from then on `tier` is for the next one.

        Args:
            frame_s: The time that was spent on it.
            captured_at_s: When it was captured, on any steady clock.
        """
        interval_s = self._interval_s(captured_at_s)
        if self._pinned is not None or interval_s is None:
            return
        self._frames += 1
        if self._frames > _FIRST_FRAMES:
            self._lasted_s += interval_s
            self._follow(frame_s / interval_s, interval_s)
            self._move(frame_s, interval_s)

    def _interval_s(self, captured_at_s: float) -> float | None:
        """Since the frame before; `None` for the first frame, and after a pause."""
        before_s, self._last_s = self._last_s, captured_at_s
        if before_s is None or not 0 < captured_at_s - before_s <= _LONGEST_INTERVAL_S:
            return None
        return captured_at_s - before_s

    def _follow(self, busy: float, interval_s: float) -> None:
        share = interval_s / (interval_s + _SMOOTHING_S)
        self._busy = busy if self._busy is None else self._busy + share * (busy - self._busy)
        over, at_ease = self._busy > TOO_BUSY, self._busy < _AT_EASE
        self._over_s = self._over_s + interval_s if over else 0.0
        self._frames_over = self._frames_over + 1 if over else 0
        self._spare_s = self._spare_s + interval_s if at_ease else 0.0
        if self._climbed and self._lasted_s > _KEPT_S:
            self._climbed, self._wanted_spare_s = False, _SPARE_S

    def _move(self, frame_s: float, interval_s: float) -> None:
        if self._over_s >= _OVER_S and self._frames_over >= _FRAMES_OVER and self.tier in CHEAPER:
            if self._climbed:
                self._wanted_spare_s = min(2 * self._wanted_spare_s, _LONGEST_SPARE_S)
            why = f"a picture takes {frame_s * 1e3:.0f} ms, and there is one every {interval_s * 1e3:.0f} ms"
            self._enter(TierChange(CHEAPER[self.tier], why), climbed=False)
        elif self._spare_s >= self._wanted_spare_s and self.tier in BETTER:
            why = f"a picture takes only {frame_s * 1e3:.0f} ms"
            self._enter(TierChange(BETTER[self.tier], why), climbed=True)

    def _enter(self, change: TierChange, *, climbed: bool) -> None:
        self._newest, self._climbed = change, climbed
        self._busy, self._frames, self._frames_over = None, 0, 0
        self._lasted_s = self._over_s = self._spare_s = 0.0
