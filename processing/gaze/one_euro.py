"""The 1€ filter: calm while something rests, quick when it moves (Casiez, Roussel, Vogel: CHI 2012)."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]

_SPEED_CUTOFF_HZ = 1.0


@dataclass
class OneEuro:
    """One set of values over time; used by one thread.

    Args:
        rest_hz: Cut-off while nothing moves.
        per_speed: How much the cut-off grows with the speed, in Hz per unit a second.
    """

    rest_hz: float
    per_speed: float
    _value: Values | None = field(default=None, init=False)
    _speed: Values | None = field(default=None, init=False)

    def reset(self) -> None:
        """Forget what was."""
        self._value = self._speed = None

    def follow(self, values: Values, passed_s: float) -> Values:
        """Take the next values.

        Args:
            values: Of any shape, the same each time.
            passed_s: Since those before; anything up to 0 begins anew.
        """
        if self._value is None or self._speed is None or passed_s <= 0:
            self._value, self._speed = values.copy(), np.zeros_like(values)
            return values
        self._speed = self._speed + _share(_SPEED_CUTOFF_HZ, passed_s) * (
            (values - self._value) / passed_s - self._speed
        )
        fastest = float(np.abs(self._speed).max())
        share = np.float32(_share(self.rest_hz + self.per_speed * fastest, passed_s))
        self._value = np.asarray(self._value + share * (values - self._value), np.float32)
        return self._value


def _share(cutoff_hz: float, passed_s: float) -> float:
    return 1 / (1 + 1 / (2 * math.pi * cutoff_hz * passed_s))
