"""From a coarse mask to a full-size matte whose edge follows the picture's own.

The colour guided filter: around each pixel of the grid, the line from colour to mask that fits best; the lines,
smoothed, are applied to the full-size picture. (He, Sun, Tang, "Guided Image Filtering", 2013; on a coarse grid as in
their "Fast Guided Filter", 2015.)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from eyeline.processing.frame import I420Image, Plane
from eyeline.processing.kernels.band_blend import MIXED, PERSON, ROOM, full_matte
from eyeline.processing.kernels.guided_filter import box_means, local_lines
from eyeline.processing.pyramid import Pyramid
from eyeline.processing.segmenter import Mask

_CELLS_PER_RADIUS = 80  # of the grid's longer side: four cells of the usual grid
EPSILON = 1e-3
ROOM_ALL_AROUND = 0.1
PERSON_ALL_AROUND = 0.9
SURELY_ROOM = 0.2
SURELY_PERSON = 0.85


@dataclass(frozen=True)
class Matte:
    """Soft opacity of the person, for each sample of one frame.

    Args:
        image: The frame.
        lines: Slopes by Y, U, V, and offset, on the grid: `float32`, `(rows, columns, 4)`.
        kinds: `ROOM`, `MIXED` or `PERSON` for each cell of the grid: `uint8`, `(rows, columns)`.
    """

    image: I420Image
    lines: NDArray[np.float32]
    kinds: Plane

    @cached_property
    def plane(self) -> Plane:
        """0 (room) to 255 (person), of the frame's shape `(height, width)`."""
        plane = np.empty((self.image.height_px, self.image.width_px), np.uint8)
        full_matte(*self.image.planes, self.lines, self.kinds, SURELY_ROOM, SURELY_PERSON, plane)
        return plane


def matte_of(image: I420Image, pyramid: Pyramid, mask: Mask) -> Matte:
    """The matte of a frame.

    Args:
        image: The frame.
        pyramid: Of the frame.
        mask: On its grid.
    """
    radius = filter_radius(max(mask.shape))
    kinds = _kinds(mask, radius)
    lines = np.empty((*mask.shape, 4), np.float32)
    around = _around_mixed(kinds, 2 * radius + 1)
    if around is not None:
        y, u, v = (np.ascontiguousarray(plane[around]) for plane in pyramid.guide)
        local = np.empty((*mask[around].shape, 4), np.float32)
        local_lines(y, u, v, np.ascontiguousarray(mask[around]), radius, EPSILON, local)
        smooth = np.empty_like(local)
        box_means(local, radius, smooth)
        lines[around] = smooth
    return Matte(image, lines, kinds)


def filter_radius(longest: int) -> int:
    """Of the filter's box, in cells of a grid whose longer side has so many."""
    return max(1, round(longest / _CELLS_PER_RADIUS))


def _around_mixed(kinds: Plane, reach: int) -> tuple[slice, slice] | None:
    """The rectangle of the grid outside which no line matters."""
    mixed = kinds == MIXED
    rows, columns = np.flatnonzero(mixed.any(axis=1)), np.flatnonzero(mixed.any(axis=0))
    if not rows.size:
        return None
    return (
        slice(max(0, int(rows[0]) - reach), int(rows[-1]) + reach + 1),
        slice(max(0, int(columns[0]) - reach), int(columns[-1]) + reach + 1),
    )


def _kinds(mask: Mask, radius: int) -> Plane:
    neighbourhood = np.ones((2 * radius + 3, 2 * radius + 3), np.uint8)
    kinds = np.full(mask.shape, MIXED, np.uint8)
    kinds[cv2.erode((mask > PERSON_ALL_AROUND).view(np.uint8), neighbourhood) > 0] = PERSON
    kinds[cv2.dilate((mask >= ROOM_ALL_AROUND).view(np.uint8), neighbourhood) == 0] = ROOM
    return kinds


def small_alpha(mask: NDArray[np.float32], width_px: int, height_px: int) -> NDArray[np.float32]:
    """The sharpened mask in [0, 1] at a size near the mask's own, shape `(height_px, width_px)`."""
    small = np.asarray(cv2.resize(mask, (width_px, height_px), interpolation=cv2.INTER_LINEAR), np.float32)
    ramp = np.clip((small - np.float32(SURELY_ROOM)) / np.float32(SURELY_PERSON - SURELY_ROOM), 0, 1)
    return np.asarray(ramp * ramp * (3 - 2 * ramp), np.float32)
