"""An eye's own axes: from the left corner as seen to the right one, and down; their middle is half-way."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from eyeline.processing.frame import I420Image
from eyeline.processing.gaze.estimate import Eye
from eyeline.processing.gaze.warper import PixelBox

_LEAST_WIDTH_PX = 4.0


class EyeAxes:
    """Where an eye is in a frame, and how it is turned.

    Attributes:
        middle_px: `(2,)`, in the frame.
        matrix: From the frame's axes to the eye's: `float32`, `(2, 2)`.
        width_px: From corner to corner.
    """

    def __init__(self, eye: Eye) -> None:
        first, last = eye.corners_px
        if first[0] > last[0]:
            first, last = last, first
        across = last - first
        self.width_px = max(math.hypot(float(across[0]), float(across[1])), _LEAST_WIDTH_PX)
        self.middle_px = np.asarray((first + last) / 2, np.float32)
        turned = [[across[0], across[1]], [-across[1], across[0]]]
        self.matrix = np.array(turned, np.float32) / np.float32(self.width_px)

    def box(self, image: I420Image, across: tuple[float, float], down: tuple[float, float]) -> PixelBox:
        """What of the frame is around an upright box of the eye's own axes, given by its bounds in pixels."""
        corners = np.array([(x, y) for x in across for y in down], np.float32)
        placed = corners @ self.matrix + self.middle_px
        left, top = (math.floor(value) // 2 * 2 for value in placed.min(axis=0))
        right, bottom = (math.ceil(value) // 2 * 2 + 2 for value in placed.max(axis=0))
        return PixelBox(
            min(max(left, 0), image.width_px),
            min(max(top, 0), image.height_px),
            min(max(right, 0), image.width_px),
            min(max(bottom, 0), image.height_px),
        )

    def turned(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """A way in the frame, `(2,)`, or several, `(count, 2)`, in the eye's own axes."""
        return np.asarray(vector @ self.matrix.T, np.float32)
