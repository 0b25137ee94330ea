"""What is known of one person before one camera: how their eyes look into it, and at the meeting."""

from __future__ import annotations

from dataclasses import dataclass

from eyeline.processing.gaze.direction import CAMERA, GazeDirection


@dataclass(frozen=True, slots=True)
class Calibration:
    """Directions as the tracker measures them.

    Args:
        camera: While the person looks into the camera: 0, 0 where nobody has measured it.
        screen: While the person looks at the meeting; `None` lets the policy learn it.
    """

    camera: GazeDirection = CAMERA
    screen: GazeDirection | None = None


UNCALIBRATED = Calibration()
