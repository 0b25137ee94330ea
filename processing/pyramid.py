"""One frame at the smaller sizes that are worked on.

Everything small is cut from one halved frame: halving by area has a fast path in OpenCV, and from there bilinear
sampling hardly aliases.
"""

from __future__ import annotations

from functools import cached_property

import cv2
import numpy as np

from eyeline.processing.box import Box
from eyeline.processing.frame import I420Image, Plane

GRID_SIDE_PX = 320
"""Longest side of the grid that masks are worked on; a finer one measured no better edges."""


class Pyramid:
    """The smaller sizes of one frame, made when first asked for; used by one thread.

    Args:
        image: The frame.
    """

    def __init__(self, image: I420Image) -> None:
        self._image = image

    @property
    def size(self) -> tuple[int, int]:
        """Of the frame: `(width_px, height_px)`."""
        return self._image.size

    @property
    def grid_size(self) -> tuple[int, int]:
        """`(columns, rows)` of the grid of masks: the frame's shape, at most half its size."""
        return grid_size(*self._image.size)

    @cached_property
    def guide(self) -> tuple[Plane, Plane, Plane]:
        """Y, U, V on the grid, each `uint8` of shape `(rows, columns)`."""
        return self.planes(*self.grid_size)

    def planes(self, columns: int, rows: int) -> tuple[Plane, Plane, Plane]:
        """Y, U, V of the whole frame at another size, at most half its own, all three `uint8`, `(rows, columns)`."""
        y, u, v = (_resized(plane, columns, rows) for plane in self._half)
        return y, u, v

    def rgb(self, box: Box, columns: int, rows: int) -> Plane:
        """A part of the frame, stretched.

        Args:
            box: In pixels of the frame.
            columns: Of the result; even.
            rows: Of the result; even.

        Returns:
            `uint8` RGB of shape `(rows, columns, 3)`.
        """
        packed = I420Image.empty(columns, rows)
        for plane, target in zip(self._half, packed.planes, strict=True):
            _resize_into(target, _part(plane, box, self._image.size))
        rgb = cv2.cvtColor(packed.data.reshape(rows * 3 // 2, columns), cv2.COLOR_YUV2RGB_I420)
        return np.asarray(rgb, np.uint8)

    @cached_property
    def _half(self) -> tuple[Plane, Plane, Plane]:
        if max(self._image.size) <= GRID_SIDE_PX:
            return self._image.planes
        y, u, v = (_halved(plane) for plane in self._image.planes)
        return y, u, v


def grid_size(width_px: int, height_px: int) -> tuple[int, int]:
    """`(columns, rows)` of the grid of masks for frames of a size."""
    scale = min(0.5, GRID_SIDE_PX / max(width_px, height_px))
    return max(1, round(width_px * scale)), max(1, round(height_px * scale))


def _part(plane: Plane, box: Box, size_px: tuple[int, int]) -> Plane:
    """The rows and columns of a plane of any size that a box of the frame covers; at least one each."""
    rows, columns = plane.shape
    left, right = box.left_px * columns // size_px[0], -(-box.right_px * columns // size_px[0])
    top, bottom = box.top_px * rows // size_px[1], -(-box.bottom_px * rows // size_px[1])
    return plane[top:bottom, left:right]


def _halved(plane: Plane) -> Plane:
    rows, columns = plane.shape
    size = max(1, columns // 2), max(1, rows // 2)
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.uint8)


def _resized(plane: Plane, columns: int, rows: int) -> Plane:
    if plane.shape == (rows, columns):
        return plane
    target = np.empty((rows, columns), np.uint8)
    _resize_into(target, plane)
    return target


def _resize_into(target: Plane, source: Plane) -> None:
    shrinks = source.shape[1] >= 2 * target.shape[1] or source.shape[0] >= 2 * target.shape[0]
    cv2.resize(source, target.shape[::-1], dst=target, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
