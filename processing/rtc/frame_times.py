"""The time line that encoders are given: the true rate of frames, without their jitter."""

from __future__ import annotations

from typing import Final, NamedTuple

_FIRST_STEP_S: Final = 1 / 30
_LEAST_STEP_S: Final = 1 / 120
_MOST_STEP_S: Final = 0.2
_FOLLOW: Final = 0.04  # more, and libvpx takes what a missing frame does to a step for another frame rate
_NEW_RATE_FRAMES: Final = 3
_CLEARLY_LONGER: Final = 1.6


class FrameTime(NamedTuple):
    """When a frame begins and how long it lasts, in ticks of the time line."""

    begin: int
    duration: int


class FrameTimes:
    """Turns timestamps as they come into steps that rate control can rely on.

    Encoders share out bits by the distance of timestamps. Frames that come now early and now late would by that get
    many bits and few in turn, and two with one timestamp cannot be encoded at all. So steps follow the mean distance
    and make up for the rest little by little; the sum stays true. A pause does not save up bits: no step is longer than
    a fifth of a second, and whatever jumps back or far ahead is a new beginning.

    Args:
        rate_hz: Ticks of the time line in a second.
    """

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._last_s: float | None = None
        self._mean_s = _FIRST_STEP_S
        self._behind_s = 0.0
        self._odd_steps = 0
        self._end_s = 0.0

    def next(self, at_s: float) -> FrameTime:
        """The place of the next frame on the time line.

        Args:
            at_s: Its own timestamp; the first may be anything.
        """
        step_s = self._step(self._distance(at_s))
        begin = round(self._end_s * self._rate_hz)
        self._end_s += step_s
        return FrameTime(begin, max(1, round(self._end_s * self._rate_hz) - begin))

    def _distance(self, at_s: float) -> float | None:
        last_s, self._last_s = self._last_s, at_s
        if last_s is None or not 0 < at_s - last_s <= _MOST_STEP_S:
            return None
        return at_s - last_s

    def _step(self, distance_s: float | None) -> float:
        if distance_s is None:
            self._behind_s = 0.0
            return self._mean_s
        self._learn(distance_s)
        self._behind_s += distance_s
        step_s = self._mean_s + _FOLLOW * (self._behind_s - self._mean_s)
        step_s = min(_MOST_STEP_S, max(_LEAST_STEP_S, step_s))
        self._behind_s -= step_s
        return step_s

    def _learn(self, distance_s: float) -> None:
        """Follow slowly, but take over a rate that has clearly become another."""
        ratio = distance_s / self._mean_s
        side = 1 if ratio > _CLEARLY_LONGER else -1 if ratio < 1 / _CLEARLY_LONGER else 0
        self._odd_steps = self._odd_steps + side if self._odd_steps * side > 0 else side
        follow = 1.0 if abs(self._odd_steps) >= _NEW_RATE_FRAMES else _FOLLOW
        self._mean_s += follow * (distance_s - self._mean_s)
