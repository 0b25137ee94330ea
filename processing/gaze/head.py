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
        across = mesh[LEFT_OUTER] - mesh[RIGHT_OUTER]
        length = float(np.linalg.norm(across))
        x = across / max(length, 1e-6)
        down = mesh[_CHIN] - mesh[_FOREHEAD]
        down = down - x * float(down @ x)
        y = down / max(float(np.linalg.norm(down)), 1e-6)
        z = np.cross(x, y)
        return cls(
            axes=np.stack((x, y, z)).astype(np.float32),
            px_per_mm=length / _OUTER_CORNERS_MM,
            yaw_degrees=math.degrees(math.atan2(-float(z[0]), float(z[2]))),
            pitch_degrees=math.degrees(math.asin(min(1.0, max(-1.0, float(z[1]))))),
            roll=math.atan2(float(across[1]), float(across[0])),
        )

    def in_picture(self, offset_mm: NDArray[np.float32]) -> NDArray[np.float32]:
        """An offset in the head's axes, `(3,)` in millimetres, as `(2,)` in pixels."""
        return np.asarray((offset_mm @ self.axes)[:2] * self.px_per_mm, np.float32)


def region_around(mesh: Points, roll: float) -> Region:
    """Where the mesh net is to look in the next frame."""
    cosine, sine = math.cos(roll), math.sin(roll)
    turned = mesh[:, :2] @ np.array([[cosine, -sine], [sine, cosine]], np.float32)
    low, high = turned.min(axis=0), turned.max(axis=0)
    middle = (low + high) / 2
    x, y = float(middle[0]), float(middle[1])
    side_px = _MESH_ROOM * float((high - low).max())
    return Region(x * cosine - y * sine, x * sine + y * cosine, side_px, roll)
