"""Where eyes look, seen from the camera."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class GazeDirection:
    """Yaw to the right in the picture and pitch upwards are positive; 0, 0 looks into the camera."""

    yaw_degrees: float
    pitch_degrees: float

    @classmethod
    def of(cls, x: float, y: float) -> Self:
        """Of an iris offset in radii of its orbit, y down."""
        return cls(math.degrees(math.asin(_within_one(x))), math.degrees(math.asin(_within_one(-y))))

    def apart_degrees(self, other: GazeDirection) -> float:
        """Between two directions, near enough for eyes."""
        return math.hypot(self.yaw_degrees - other.yaw_degrees, self.pitch_degrees - other.pitch_degrees)


CAMERA = GazeDirection(0.0, 0.0)


def _within_one(value: float) -> float:
    return min(1.0, max(-1.0, value))
