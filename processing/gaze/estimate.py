"""What the tracker knows of one frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eyeline.processing.gaze.direction import GazeDirection
from eyeline.processing.gaze.face_nets import EyePoints
from eyeline.processing.gaze.head import HeadPose
from eyeline.processing.gaze.region import Points

IRIS_FROM_CENTRE_MM = 10.5
"""From the middle of the eyeball to the plane of the iris."""

_LID_ABOVE_IRIS_MM = 4.2  # of a usual eye that looks straight ahead
_DEGREES_PER_LID_MM = 4.0
_MOST_BY_LID = 8.0
_IRIS_SAY = 0.8


@dataclass(frozen=True, slots=True)
class Visibility:
    """How well an eye can be seen, measured in the iris net's own input.

    Args:
        contrast: How much brighter the white of the eye is than the iris, of 255.
        glare: Share of the opening that is blown out.
        sharpness: Mean step of brightness across the eye, of 255.
        strange: How far what is around the eye is from what it was; from 1 on, something has come before it.
    """

    contrast: float
    glare: float
    sharpness: float
    strange: float


@dataclass(frozen=True, slots=True)
class Eye:
    """One eye, in pixels of the frame.

    Args:
        points: Lids and iris, as measured in this very frame.
        centre_px: Where the middle of the eyeball is seen: `(2,)`. Calm over time.
        radius_px: Of the iris. Calm over time.
        openness: Height of the opening by its width.
        visibility: How well it is seen.
    """

    points: EyePoints
    centre_px: NDArray[np.float32]
    radius_px: float
    openness: float
    visibility: Visibility

    @property
    def iris_px(self) -> NDArray[np.float32]:
        """Middle of the iris: `(2,)`."""
        return np.asarray(self.points.iris[0], np.float32)

    @property
    def corners_px(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Outer and inner corner, `(2,)` each."""
        return self.points.lower[0], self.points.lower[-1]

    @property
    def lid_above_iris_px(self) -> float:
        """From the middle of the iris up to the upper lid, square to the line between the corners."""
        first, last = self.corners_px
        along = (last - first) * np.float32(1 if last[0] > first[0] else -1)
        along = along / np.float32(max(float(np.hypot(*along)), 1e-6))
        lid = (self.points.upper - self.iris_px) @ np.array([[along[0], -along[1]], [along[1], along[0]]], np.float32)
        if lid[0, 0] > lid[-1, 0]:
            lid = lid[::-1]
        return -float(np.interp(0.0, lid[:, 0], lid[:, 1]))

    def offset(self, px_per_mm: float) -> NDArray[np.float32]:
        """From the middle of the eyeball to that of the iris, `(2,)`, in radii of its orbit: 0 looks at the camera."""
        return np.asarray((self.iris_px - self.centre_px) / np.float32(px_per_mm * IRIS_FROM_CENTRE_MM), np.float32)


@dataclass(frozen=True, slots=True)
class GazeEstimate:
    """The owner's face in one frame.

    Args:
        at_s: When the frame was captured.
        head: Pose and scale.
        right: The person's right eye.
        left: The person's left eye.
        mesh: 468 points, `(468, 3)`.
        confidence: That it is a face, 0 to 1.
    """

    at_s: float
    head: HeadPose
    right: Eye
    left: Eye
    mesh: Points
    confidence: float

    @property
    def eyes(self) -> tuple[Eye, Eye]:
        """Both."""
        return self.right, self.left

    @property
    def middle_px(self) -> float:
        """Where the face is, from the left: between the eyes."""
        return float(self.right.centre_px[0] + self.left.centre_px[0]) / 2

    @property
    def iris_direction(self) -> GazeDirection:
        """Where both irises together point. One angle for both keeps how they converge, and halves the noise."""
        px_per_mm = self.head.px_per_mm
        x, y = (self.right.offset(px_per_mm) + self.left.offset(px_per_mm)) / 2
        return GazeDirection.of(float(x), float(y))

    @property
    def direction(self) -> GazeDirection:
        """Where the eyes look, by all that is seen.

        Up and down, the corners of the eyes tell little, for they sit differently in each face, and a lid that hides
        half of the iris draws its middle along. So the upper lid has a say, which follows the gaze.
        """
        iris = self.iris_direction
        lid_mm = (self.right.lid_above_iris_px + self.left.lid_above_iris_px) / (2 * self.head.px_per_mm)
        by_lid = min(_MOST_BY_LID, max(-_MOST_BY_LID, (lid_mm - _LID_ABOVE_IRIS_MM) * _DEGREES_PER_LID_MM))
        return GazeDirection(iris.yaw_degrees, _IRIS_SAY * iris.pitch_degrees + by_lid)
