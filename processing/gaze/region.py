"""A turned square of a frame, and the way of points between it and the frame."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from eyeline.processing.frame import I420Image, Plane
from eyeline.processing.kernels.face_geometry import place_points
from eyeline.processing.kernels.tensor_values import spread

Points = NDArray[np.float32]
"""`(count, 2)` or `(count, 3)`: x, y and depth in pixels of the frame."""

_BLACK, _GREY = 16, 128
_SHRUNK = 1.7  # so many samples for one are averaged before, or lines would turn into dots
_BILINEAR = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP


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
        """Put this part of a frame into a net's input, `(1, side, side, 3)`; beyond it is black.

        `side` is a multiple of 4.
        """
        side = tensor.shape[1]
        half = side // 2
        packed = np.empty((side + half, side), np.uint8)
        chroma = packed[side:].reshape(2, half, half)
        scale = self.side_px / side
        cosine, sine = math.cos(self.roll) * scale, math.sin(self.roll) * scale
        turn = (-cosine, -sine, -sine, cosine) if self.mirrored else (cosine, -sine, sine, cosine)
        _cut(image.y, turn, (self.x_px, self.y_px), packed[:side], _BLACK)
        # A sample of chroma lies in the middle of four of luma, on both sides. It is soft: fewer have to be averaged.
        middle = self.x_px / 2 - 0.25, self.y_px / 2 - 0.25
        _cut(image.u, turn, middle, chroma[0], _GREY, 2 * _SHRUNK)
        _cut(image.v, turn, middle, chroma[1], _GREY, 2 * _SHRUNK)
        rgb = np.asarray(cv2.cvtColor(packed, cv2.COLOR_YUV2RGB_I420), np.uint8)
        spread(rgb, low, high, tensor)

    def to_frame(self, points: Points, side: int) -> Points:
        """Points of a picture of `side` by `side`, in the frame; a depth is scaled with them."""
        placed = np.empty(points.shape, np.float32)
        place_points(np.ascontiguousarray(points, np.float32), self.matrix(side), self.side_px / side, placed)
        return placed


def _cut(
    plane: Plane,
    turn: tuple[float, float, float, float],
    middle: tuple[float, float],
    target: Plane,
    beyond: int,
    shrunk: float = _SHRUNK,
) -> None:
    """A turned square of a plane around a place; `turn` leads from the target's samples to the plane's."""
    (xx, xy, yx, yy), (x, y), side = turn, middle, target.shape[0]
    scale = math.hypot(xx, yx)
    if scale >= shrunk:
        factor: int = 2 ** math.floor(math.log2(scale / _SHRUNK) + 1)
        across, down = (abs(xx) + abs(xy)) * side / 2 + factor, (abs(yx) + abs(yy)) * side / 2 + factor
        left, top = max(0, int(x - across)), max(0, int(y - down))
        wide = (min(plane.shape[1], int(x + across) + 2) - left) // factor
        high = (min(plane.shape[0], int(y + down) + 2) - top) // factor
        if wide >= 1 and high >= 1:
            part = plane[top : top + high * factor, left : left + wide * factor]
            plane = np.asarray(cv2.resize(part, (wide, high), interpolation=cv2.INTER_AREA), np.uint8)
            xx, xy, yx, yy = xx / factor, xy / factor, yx / factor, yy / factor
            x, y = (x - left + 0.5) / factor - 0.5, (y - top + 0.5) / factor - 0.5
    rest = (side - 1) / 2
    cv2.warpAffine(
        plane,
        np.array(((xx, xy, x - rest * (xx + xy)), (yx, yy, y - rest * (yx + yy)))),
        (side, side),
        dst=target,
        flags=_BILINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=beyond,
    )
