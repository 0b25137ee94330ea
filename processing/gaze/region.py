"""A turned square of a frame, and the way of points between it and the frame."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from eyeline.processing.frame import I420Image, Plane

Points = NDArray[np.float32]
"""`(count, 2)` or `(count, 3)`: x, y and depth in pixels of the frame."""

_BLACK, _GREY = 16, 128
_SHRUNK = 1.7  # so many samples for one are averaged before, or lines would turn into dots


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
        """Put this part of a frame into a net's input, `(1, side, side, 3)` with an even side; beyond it is black."""
        side = tensor.shape[1]
        matrix = self.matrix(side)
        packed = I420Image.empty(side, side)
        _cut(image.y, matrix, packed.y, _BLACK)
        # A sample of chroma lies in the middle of four of luma, on both sides.
        for plane, target in ((image.u, packed.u), (image.v, packed.v)):
            halved = matrix.copy()
            halved[:, 2] = (matrix[:, 2] + (matrix[:, 0] + matrix[:, 1] - np.float32(1)) / 2) / 2
            _cut(plane, halved, target, _GREY)
        rgb = cv2.cvtColor(packed.data.reshape(side * 3 // 2, side), cv2.COLOR_YUV2RGB_I420)
        np.multiply(rgb, np.float32((high - low) / 255), out=tensor[0])
        if low:
            tensor += np.float32(low)

    def to_frame(self, points: Points, side: int) -> Points:
        """Points of a picture of `side` by `side`, in the frame; a depth is scaled with them."""
        matrix = self.matrix(side)
        # Nets count from the corner of the first pixel, matrices from its middle.
        placed = (points[:, :2] - np.float32(0.5)) @ matrix[:, :2].T + matrix[:, 2]
        if points.shape[1] == 2:
            return np.asarray(placed, np.float32)
        return np.column_stack((placed, points[:, 2] * np.float32(self.side_px / side)))


def _cut(plane: Plane, matrix: NDArray[np.float32], target: Plane, beyond: int) -> None:
    """A turned part of a plane; `matrix` leads from the target's samples to the plane's."""
    scale = math.hypot(float(matrix[0, 0]), float(matrix[1, 0]))
    if scale >= _SHRUNK:
        plane, matrix = _averaged(plane, matrix, target.shape[0], 2 ** math.floor(math.log2(scale / _SHRUNK) + 1))
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = target.shape[1], target.shape[0]
    cv2.warpAffine(plane, matrix, size, dst=target, flags=flags, borderMode=cv2.BORDER_CONSTANT, borderValue=beyond)


def _averaged(plane: Plane, matrix: NDArray[np.float32], side: int, factor: int) -> tuple[Plane, NDArray[np.float32]]:
    """The part of a plane that is needed, smaller by a whole factor, and the matrix that fits it."""
    ends = np.array([(x, y, 1) for x in (0, side - 1) for y in (0, side - 1)], np.float32) @ matrix.T
    rows, columns = plane.shape
    left, top = (max(0, math.floor(value) - factor) for value in ends.min(axis=0))
    right, bottom = (math.ceil(value) + factor + 1 for value in ends.max(axis=0))
    wide = (min(columns, right) - left) // factor
    high = (min(rows, bottom) - top) // factor
    if wide < 1 or high < 1:
        return plane, matrix
    part = plane[top : top + high * factor, left : left + wide * factor]
    shrunk = cv2.resize(part, (wide, high), interpolation=cv2.INTER_AREA)
    moved = matrix / np.float32(factor)
    moved[:, 2] = (matrix[:, 2] - np.array([left, top], np.float32) + np.float32(0.5)) / factor - np.float32(0.5)
    return np.asarray(shrunk, np.uint8), np.asarray(moved, np.float32)
