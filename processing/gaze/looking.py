"""Somebody looks at one thing for two seconds: which direction that is."""

from __future__ import annotations

import numpy as np

from eyeline.config.errors import MediaError
from eyeline.processing.gaze.direction import GazeDirection
from eyeline.processing.gaze.estimate import GazeEstimate

_LEAST_FRAMES = 6
_OPEN = 0.17
_MOST_UNREST_DEGREES = 4.0
_MOST_HEAD_DEGREES = 25.0


class CalibrationError(MediaError):
    """It cannot be told where somebody looks."""

    code = "calibration"


class SteadyLook:
    """Collects what a tracker says while somebody looks at one thing."""

    def __init__(self) -> None:
        self._seen: list[tuple[float, float]] = []

    @property
    def is_enough(self) -> bool:
        """Whether the eyes were seen often enough to tell."""
        return len(self._seen) >= _LEAST_FRAMES

    def take(self, estimate: GazeEstimate | None) -> None:
        """One frame; those with closed eyes or a turned head do not count."""
        if estimate is None or min(eye.openness for eye in estimate.eyes) < _OPEN:
            return
        if abs(estimate.head.yaw_degrees) <= _MOST_HEAD_DEGREES:
            direction = estimate.direction
            self._seen.append((direction.yaw_degrees, direction.pitch_degrees))

    def direction(self) -> GazeDirection:
        """Where it was.

        Raises:
            CalibrationError: The eyes were hardly seen, or wandered.
        """
        if not self.is_enough:
            raise CalibrationError(
                "The eyes were not seen clearly for long enough.",
                hint="Sit before the camera, with light on your face, and try again.",
            )
        seen = np.array(self._seen)
        yaw, pitch = (float(value) for value in np.median(seen, axis=0))
        unrest = float(np.median(np.abs(seen - (yaw, pitch)).max(axis=1)))
        if unrest > _MOST_UNREST_DEGREES:
            raise CalibrationError(
                "The eyes wandered while they were measured.", hint="Look at one point for two seconds, and try again."
            )
        return GazeDirection(yaw, pitch)
