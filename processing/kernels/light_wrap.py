"""Light laid over a picture, where there is any."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eyeline.processing.kernels.compiled import compiled

Plane = NDArray[np.uint8]
Image32 = NDArray[np.float32]


@compiled
def _between_rows(light: Image32, height: int, first: int, column: int, after: int, between: Image32) -> None:
    """The light half-way between two rows of luma, for the cells from `column` to `after` and beside."""
    rows, columns = light.shape[:2]
    at = (np.float32(first) + np.float32(1)) * np.float32(rows / height) - np.float32(0.5)
    at = min(max(at, np.float32(0)), np.float32(rows - 1))
    upper = int(at)
    lower = min(upper + 1, rows - 1)
    down = at - np.float32(upper)
    for x in range(max(0, column - 1), min(columns, after + 1)):
        for c in range(4):
            between[x, c] = light[upper, x, c] * (np.float32(1) - down) + light[lower, x, c] * down


@compiled
def _lay_on(light: Image32, first: int, begin: int, end: int, y: Plane, u: Plane, v: Plane) -> None:
    """Two rows of luma and one of chroma, from the pixel `begin` to `end`; `light` is their row of light."""
    columns, width = light.shape[0], y.shape[1]
    one, zero, half = np.float32(1), np.float32(0), np.float32(0.5)
    step, last = np.float32(columns / width), np.float32(columns - 1)
    for x in range(begin, end, 2):
        at = min(max((np.float32(x) + one) * step - half, zero), last)
        left = int(at)
        right = min(left + 1, columns - 1)
        across = at - np.float32(left)
        kept = one - light[left, 0] - (light[right, 0] - light[left, 0]) * across
        by_y = light[left, 1] + (light[right, 1] - light[left, 1]) * across + half
        by_u = light[left, 2] + (light[right, 2] - light[left, 2]) * across + half
        by_v = light[left, 3] + (light[right, 3] - light[left, 3]) * across + half
        for dy in range(2):
            for dx in range(2):
                luma = y[first + dy, x + dx]
                y[first + dy, x + dx] = max(luma, np.uint8(np.float32(luma) * kept + by_y))
        u[first >> 1, x >> 1] = np.uint8(np.float32(u[first >> 1, x >> 1]) * kept + by_u)
        v[first >> 1, x >> 1] = np.uint8(np.float32(v[first >> 1, x >> 1]) * kept + by_v)


@compiled
def lay_light(light: Image32, lit: Plane, y: Plane, u: Plane, v: Plane) -> None:
    """Mix light into a picture, in place; luma is raised and never lowered.

    Args:
        light: On a coarser grid: the light's share, 0 to 1, and Y, U, V of it times that share: `float32`,
            `(rows, columns, 4)`.
        lit: Not 0 for each cell of that grid that has any: `uint8`, `(rows, columns)`.
        y: Luma, `uint8`, `(height, width)`, both even.
        u: Blue chroma, `uint8`, `(height / 2, width / 2)`.
        v: Red chroma, as `u`.
    """
    height, width = y.shape
    rows, columns = lit.shape
    between = np.empty((columns, 4), np.float32)
    for first in range(0, height, 2):
        row = min((first + 1) * rows // height, rows - 1)
        column = 0
        while column < columns:
            if not lit[row, column]:
                column += 1
                continue
            after = column + 1
            while after < columns and lit[row, after]:
                after += 1
            _between_rows(light, height, first, column, after, between)
            begin, end = (column * width // columns) & ~1, (after * width // columns) & ~1
            _lay_on(between, first, begin, end, y, u, v)
            column = after
