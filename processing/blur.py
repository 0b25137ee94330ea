"""The room, blurred, without the person's colours running into it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from eyeline.processing.frame import I420Image
from eyeline.processing.pyramid import Pyramid
from eyeline.processing.refine import small_alpha
from eyeline.processing.segmenter import Mask

_MAX_SIGMA = 0.1  # of the frame's shorter side
_CELLS_PER_SIGMA = 2.0  # the blur is done on a grid at least this much finer than itself
_COARSEST_CELL_PX = 16
_MAX_CELLS = 320 * 180  # a finer grid costs more than the rest of the picture
LEAST_WEIGHT = 0.002  # keeps the quotient defined deep inside the person, where nobody sees it


def blurred_room(image: I420Image, pyramid: Pyramid, mask: Mask, strength: int) -> I420Image:
    """What is behind the person, blurred.

    Samples count by how much room they hold: `blur(image * (1 - alpha)) / blur(1 - alpha)`. A plain blur would draw
    a halo of the person's own colours around the person.

    Args:
        image: The frame.
        pyramid: Of the frame.
        mask: Probability of person, any shape, spread over the frame.
        strength: 0 (the frame itself) to 100 (shapes cannot be told).

    Raises:
        ValueError: The strength is none.
    """
    if not 0 <= strength <= 100:
        raise ValueError(f"no blur of strength {strength}")
    if strength == 0:
        return image
    grid = blur_grid(image.size, strength)
    weighted = _weighted_planes(pyramid, mask, grid.columns, grid.rows)
    blurred = cv2.GaussianBlur(weighted, (0, 0), grid.sigma_cells, borderType=cv2.BORDER_REFLECT_101)
    return _enlarged(np.asarray(blurred[..., :3] / blurred[..., 3:], np.float32), image)


@dataclass(frozen=True, slots=True)
class BlurGrid:
    """What a blur is done on, and how strong it is there."""

    columns: int
    rows: int
    sigma_cells: float


def blur_grid(size_px: tuple[int, int], strength: int) -> BlurGrid:
    """The grid for frames of a size. Strength counts quadratically, so that each step of the scale looks like one."""
    sigma_px = min(size_px) * _MAX_SIGMA * (strength / 100) ** 2
    cell_px = _cell_px(size_px, sigma_px)
    columns, rows = max(2, round(size_px[0] / cell_px)), max(2, round(size_px[1] / cell_px))
    return BlurGrid(columns, rows, sigma_px / cell_px)


def _cell_px(size_px: tuple[int, int], sigma_px: float) -> int:
    """The side of the grid's square cells, a power of two."""
    cell_px = 2
    while size_px[0] * size_px[1] > _MAX_CELLS * cell_px**2:
        cell_px *= 2
    while cell_px < _COARSEST_CELL_PX and sigma_px / (cell_px * 2) >= _CELLS_PER_SIGMA:
        cell_px *= 2
    return cell_px


def _weighted_planes(pyramid: Pyramid, mask: Mask, columns: int, rows: int) -> NDArray[np.float32]:
    """Y, U, V times the weight, and the weight, as `float32` of shape `(rows, columns, 4)`."""
    weight = 1 - cv2.dilate(small_alpha(mask, columns, rows), np.ones((3, 3), np.uint8))
    np.maximum(weight, LEAST_WEIGHT, out=weight)
    planes = [plane * weight for plane in pyramid.planes(columns, rows)]
    return np.asarray(cv2.merge([*planes, weight]), np.float32)


def _enlarged(small: NDArray[np.float32], like: I420Image) -> I420Image:
    levels = np.rint(small).astype(np.uint8)
    result = I420Image.empty(*like.size)
    for index, target in enumerate(result.planes):
        source = np.ascontiguousarray(levels[..., index])
        cv2.resize(source, target.shape[::-1], dst=target, interpolation=cv2.INTER_LINEAR)
    return result
