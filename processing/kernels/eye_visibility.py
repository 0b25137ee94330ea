"""What can be seen of an eye, in one pass over the iris net's input."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eyeline.processing.kernels.compiled import compiled, inlined

Tensor = NDArray[np.float32]
Points = NDArray[np.float32]
Values = NDArray[np.float32]

_BLOWN = 0.93


@inlined
def _brightness(patch: Tensor, row: int, column: int) -> np.float32:
    return np.float32(
        np.float32(0.3) * patch[0, row, column, 0]
        + np.float32(0.59) * patch[0, row, column, 1]
        + np.float32(0.11) * patch[0, row, column, 2]
    )


@inlined
def _height(lid: Points, x: np.float32, beyond: np.float32) -> np.float32:
    """Of a lid at x; `beyond` where it does not reach."""
    height = beyond
    for k in range(lid.shape[0] - 1):
        if lid[k, 0] <= x < lid[k + 1, 0]:
            share = (x - lid[k, 0]) / (lid[k + 1, 0] - lid[k, 0])
            height = lid[k, 1] + share * (lid[k + 1, 1] - lid[k, 1])
    return np.float32(height)


@compiled
def eye_visibility(patch: Tensor, upper: Points, lower: Points, iris: Points, seen: Values) -> None:
    """Measure brightness inside the opening of an eye.

    Args:
        patch: `float32`, `(1, side, side, 3)`, RGB in 0..1.
        upper: Upper lid in pixels of the patch, from left to right: `float32`, `(9, 2)`.
        lower: Lower lid, likewise.
        iris: Middle and four points of the edge: `float32`, `(5, 2)`.
        seen: Filled: contrast, share that is blown out, sharpness; `float32`, `(3,)`.
    """
    side, zero = patch.shape[1], np.float32(0)
    radius = zero
    for k in range(1, 5):
        radius += np.sqrt((iris[k, 0] - iris[0, 0]) ** 2 + (iris[k, 1] - iris[0, 1]) ** 2) * np.float32(0.25)
    dark, white, steps = zero, zero, zero
    dark_count, white_count, blown, count = 0, 0, 0, 0
    for column in range(1, side):
        x = np.float32(column)
        top, bottom = _height(upper, x, np.float32(side)), _height(lower, x, np.float32(-1))
        for row in range(max(1, int(top) + 1), min(side, int(np.ceil(bottom)))):
            value = _brightness(patch, row, column)
            count += 1
            steps += abs(value - _brightness(patch, row - 1, column)) + abs(value - _brightness(patch, row, column - 1))
            if value > np.float32(_BLOWN):
                blown += 1
            distance = np.sqrt((x - iris[0, 0]) ** 2 + (np.float32(row) - iris[0, 1]) ** 2)
            if distance < radius * np.float32(0.8):
                dark += value
                dark_count += 1
            elif distance > radius * np.float32(1.25):
                white += value
                white_count += 1
    seen[:] = zero
    if dark_count > 0 and white_count > 0:
        seen[0] = (white / np.float32(white_count) - dark / np.float32(dark_count)) * np.float32(255)
    if count > 0:
        seen[1] = np.float32(blown) / np.float32(count)
        seen[2] = steps / np.float32(2 * count) * np.float32(255)
