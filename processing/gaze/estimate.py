"""What the tracker knows of one frame."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eyeline.processing.gaze.direction import GazeDirection
from eyeline.processing.gaze.face_nets import EyePoints
from eyeline.processing.gaze.head import HeadPose
from eyeline.processing.gaze.region import Points
from eyeline.processing.kernels.face_geometry import below_corners

IRIS_FROM_CENTRE_MM = 10.5
"""From the middle of the eyeball to the plane of the iris."""

_DOWN_SAYS = np.array([2.25, 1.14, 0.80], np.float32)
"""What a millimetre of the iris, of the upper and of the lower lid says of the iris's true way down."""

_DOWN_AT_CAMERA_MM, _DOWN_WITH_HEAD_MM = -7.9, 1.6


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

    def below_corners_px(self, roll: float) -> NDArray[np.float32]:
        """How far the iris, and the lids above and below it, are seen below the middle of the corners: `(3,)`.

        Args:
            roll: Of the head, in radians: which way is down. Corners do not tell, since one lies higher.
        """
        below = np.empty(3, np.float32)
        below_corners(self.points.upper, self.points.lower, self.iris_px, roll, below)
        return below

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
        """Where both irises together point. One angle for both keeps how they converge, and halves the noise.

        Across and down are the head's, however it is tilted: nets see tilted eyes upright, and err along their axes.
        """
        px_per_mm = self.head.px_per_mm
        x, y = ((self.right.offset(px_per_mm) + self.left.offset(px_per_mm)) / 2).tolist()
        cosine, sine = math.cos(self.head.roll), math.sin(self.head.roll)
        return GazeDirection.of(x * cosine + y * sine, y * cosine - x * sine)

    @property
    def direction(self) -> GazeDirection:
        """Where the eyes look, by all that is seen; up and down without preference.

        Up and down, nets take the corners of an eye along with its iris, so that a third of its way is left. The lids
        go along, too, and have a say. How much was found by turning eyes in pictures, and how it is in those who look
        into the camera by 105 portraits; the shares are the linear estimate of the least variance. From one face to
        another it is off by 7 degrees, which only a calibration tells.
        """
        scale = np.float32(2 * self.head.px_per_mm)
        below_mm = (self.right.below_corners_px(self.head.roll) + self.left.below_corners_px(self.head.roll)) / scale
        at_camera_mm = _DOWN_AT_CAMERA_MM + _DOWN_WITH_HEAD_MM * math.sin(math.radians(self.head.pitch_degrees))
        down = (float(_DOWN_SAYS @ below_mm) - at_camera_mm) / IRIS_FROM_CENTRE_MM
        return GazeDirection(self.iris_direction.yaw_degrees, GazeDirection.of(0.0, down).pitch_degrees)
