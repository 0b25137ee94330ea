"""What can be seen of an eye, in one pass over the iris net's input."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eyeline.processing.kernels.compiled import compiled

Tensor = NDArray[np.float32]
Points = NDArray[np.float32]
Values = NDArray[np.float32]

CELLS = 8
"""The patch is told in so many cells in each direction."""

_BLOWN = 0.93


@compiled
def eye_visibility(patch: Tensor, upper: Points, lower: Points, iris: Points, seen: Values, cells: Values) -> None:
    """Measure brightness inside and around the opening of an eye.

    Args:
        patch: `float32`, `(1, side, side, 3)`, RGB in 0..1.
        upper: Upper lid in pixels of the patch, from left to right: `float32`, `(9, 2)`.
        lower: Lower lid, likewise.
        iris: Middle and four points of the edge: `float32`, `(5, 2)`.
        seen: Filled: contrast, share that is blown out, sharpness; `float32`, `(3,)`.
        cells: Filled: mean brightness of each cell: `float32`, `(CELLS, CELLS)`.
    """
    side = patch.shape[1]
    size = side // CELLS
    cells[:] = np.float32(0)
    radius = np.float32(0)
    for k in range(1, 5):
        radius += np.sqrt((iris[k, 0] - iris[0, 0]) ** 2 + (iris[k, 1] - iris[0, 1]) ** 2) * np.float32(0.25)
    inner, outer = radius * np.float32(0.8), radius * np.float32(1.25)
    dark, dark_count = np.float32(0), 0
    white, white_count = np.float32(0), 0
    blown, count, steps = 0, 0, np.float32(0)
    for column in range(side):
        x = np.float32(column)
        top, bottom = np.float32(side), np.float32(-1)
        for k in range(8):
            if upper[k, 0] <= x < upper[k + 1, 0]:
                t = (x - upper[k, 0]) / (upper[k + 1, 0] - upper[k, 0])
                top = upper[k, 1] + t * (upper[k + 1, 1] - upper[k, 1])
            if lower[k, 0] <= x < lower[k + 1, 0]:
                t = (x - lower[k, 0]) / (lower[k + 1, 0] - lower[k, 0])
                bottom = lower[k, 1] + t * (lower[k + 1, 1] - lower[k, 1])
        before = np.float32(0)
        for row in range(side):
            value = (
                np.float32(0.3) * patch[0, row, column, 0]
                + np.float32(0.59) * patch[0, row, column, 1]
                + np.float32(0.11) * patch[0, row, column, 2]
            )
            cells[row // size, column // size] += value
            y = np.float32(row)
            if top < y < bottom:
                distance = np.sqrt((x - iris[0, 0]) ** 2 + (y - iris[0, 1]) ** 2)
                count += 1
                steps += abs(value - before)
                if column > 0:
                    steps += abs(value - np.float32(0.59) * patch[0, row, column - 1, 1] - np.float32(0.3)
                                 * patch[0, row, column - 1, 0] - np.float32(0.11) * patch[0, row, column - 1, 2])
                if value > np.float32(_BLOWN):
                    blown += 1
                if distance < inner:
                    dark += value
                    dark_count += 1
                elif distance > outer:
                    white += value
                    white_count += 1
            before = value
    cells /= np.float32(size * size)
    seen[0] = seen[1] = seen[2] = np.float32(0)
    if dark_count > 0 and white_count > 0:
        seen[0] = (white / np.float32(white_count) - dark / np.float32(dark_count)) * np.float32(255)
    if count > 0:
        seen[1] = np.float32(blown) / np.float32(count)
        seen[2] = steps / np.float32(2 * count) * np.float32(255)
