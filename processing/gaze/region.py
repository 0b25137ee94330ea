"""A turned square of a frame, and the way of points between it and the frame."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eyeline.processing.frame import I420Image
from eyeline.processing.kernels.crop_rgb import crop_rgb

Points = NDArray[np.float32]
"""`(count, 2)` or `(count, 3)`: x, y and depth in pixels of the frame."""

_MAX_TAPS = 4


@dataclass(frozen=True, slots=True)
class Region:
    """A square that a net looks at.

    Args:
        x_px: Of the middle.
        y_px: Of the middle.
        side_px: Its side.
        roll: Its turn, in radians, clockwise in the picture.
        mirrored: Whether the net sees it from left to right changed.
    """

    x_px: float
    y_px: float
    side_px: float
    roll: float = 0.0
    mirrored: bool = False

    def matrix(self, side: int) -> NDArray[np.float32]:
        """From pixels of a picture of `side` by `side` to pixels of the frame: `float32`, `(2, 3)`."""
        scale = self.side_px / side
        cosine, sine = math.cos(self.roll) * scale, math.sin(self.roll) * scale
        flip = -1.0 if self.mirrored else 1.0
        middle = (side - 1) / 2
        return np.array(
            [
                [cosine * flip, -sine, self.x_px - middle * (cosine * flip - sine)],
                [sine * flip, cosine, self.y_px - middle * (sine * flip + cosine)],
            ],
            np.float32,
        )

    def fill(self, image: I420Image, tensor: NDArray[np.float32], low: float = 0.0, high: float = 1.0) -> None:
        """Put this part of a frame into a net's input, `(1, side, side, 3)`."""
        side = tensor.shape[1]
        taps = min(_MAX_TAPS, max(1, round(self.side_px / side)))
        crop_rgb(*image.planes, self.matrix(side), taps, low, high, tensor)

    def to_frame(self, points: Points, side: int) -> Points:
        """Points of a picture of `side` by `side`, in the frame; a depth is scaled with them."""
        matrix = self.matrix(side)
        # Nets count from the corner of the first pixel, matrices from its middle.
        placed = (points[:, :2] - np.float32(0.5)) @ matrix[:, :2].T + matrix[:, 2]
        if points.shape[1] == 2:
            return np.asarray(placed, np.float32)
        return np.column_stack((placed, points[:, 2] * np.float32(self.side_px / side)))
