"""Head pose and scale, straight from the mesh's own points.

Axes of the head: x to the right in the picture, y down, z away from the camera.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from eyeline.processing.gaze.region import Points, Region
from eyeline.processing.kernels.face_geometry import head_axes, turned_bounds

RIGHT_OUTER, RIGHT_INNER, LEFT_INNER, LEFT_OUTER = 33, 133, 362, 263
"""Corners of the eyes in the mesh; right and left are the person's."""

_FOREHEAD, _CHIN = 10, 152
_OUTER_CORNERS_MM = 88.9  # between the outer corners of the eyes of a mean adult
_MESH_ROOM = 1.5


@dataclass(frozen=True, slots=True)
class HeadPose:
    """How a head is turned and how large it is.

    Args:
        axes: Rows: the head's x, y and z in the camera's axes; `float32`, `(3, 3)`.
        px_per_mm: Pixels per millimetre at the eyes.
        yaw_degrees: 0 towards the camera, right in the picture positive.
        pitch_degrees: Up positive.
        roll: In radians, clockwise in the picture.
    """

    axes: NDArray[np.float32]
    px_per_mm: float
    yaw_degrees: float
    pitch_degrees: float
    roll: float

    @classmethod
    def of(cls, mesh: Points) -> Self:
        """Of a mesh's 468 points, `(468, 3)`."""
        axes = np.empty((3, 3), np.float32)
        length = head_axes(mesh[RIGHT_OUTER], mesh[LEFT_OUTER], mesh[_FOREHEAD], mesh[_CHIN], axes)
        x, z = axes[0], axes[2]
        return cls(
            axes=axes,
            px_per_mm=length / _OUTER_CORNERS_MM,
            yaw_degrees=math.degrees(math.atan2(-float(z[0]), float(z[2]))),
            pitch_degrees=math.degrees(math.asin(min(1.0, max(-1.0, float(z[1]))))),
            roll=math.atan2(float(x[1]), float(x[0])),
        )

    def in_picture(self, offset_mm: NDArray[np.float32]) -> NDArray[np.float32]:
        """An offset in the head's axes, `(3,)` in millimetres, as `(2,)` in pixels."""
        return np.asarray((offset_mm @ self.axes)[:2] * self.px_per_mm, np.float32)


def region_around(mesh: Points, roll: float) -> Region:
    """Where the mesh net is to look in the next frame."""
    cosine, sine = math.cos(roll), math.sin(roll)
    bounds = np.empty(4, np.float32)
    turned_bounds(mesh, cosine, sine, bounds)
    left, top, right, bottom = bounds.tolist()
    x, y = (left + right) / 2, (top + bottom) / 2
    side_px = _MESH_ROOM * max(right - left, bottom - top)
    return Region(x * cosine - y * sine, x * sine + y * cosine, side_px, roll)
