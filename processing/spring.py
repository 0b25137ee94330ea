"""Moving without haste."""

from __future__ import annotations

import math


class Spring:
    """A critically damped spring: the fastest way to a target that never swings beyond it.

    Solved exactly, so that it holds for steps in time of any length.

    Args:
        at: Where it begins, at rest.
        omega: How fast it is, in radians per second: it is nearly there after 5 / omega.
    """

    def __init__(self, at: float, omega: float) -> None:
        self.at = self.target = at
        self._omega = omega
        self._velocity = 0.0

    def step(self, passed_s: float) -> float:
        """Move on for so many seconds.

        Returns:
            Where it is then.
        """
        away = self.at - self.target
        slope = self._velocity + self._omega * away
        fading = math.exp(-self._omega * passed_s)
        self.at = self.target + (away + slope * passed_s) * fading
        self._velocity = (self._velocity - self._omega * slope * passed_s) * fading
        return self.at

    def rests(self, within: float) -> bool:
        """Whether it is there, and hardly moves."""
        return abs(self.at - self.target) < within and abs(self._velocity) < self._omega * within

    def settle(self) -> None:
        """Be there."""
        self.at, self._velocity = self.target, 0.0
