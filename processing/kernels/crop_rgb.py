"""A turned and scaled part of an I420 picture as the float RGB that nets take, in one pass."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eyeline.processing.kernels.compiled import compiled, inlined

Plane = NDArray[np.uint8]
Tensor = NDArray[np.float32]
Matrix = NDArray[np.float32]


@inlined
def _luma(y: Plane, at_x: np.float32, at_y: np.float32) -> np.float32:
    """Bilinear; -1 outside of the picture."""
    left, top = int(np.floor(at_x)), int(np.floor(at_y))
    if left < 0 or top < 0 or left >= y.shape[1] - 1 or top >= y.shape[0] - 1:
        return np.float32(-1)
    across, down = at_x - np.float32(left), at_y - np.float32(top)
    upper = np.float32(y[top, left]) * (np.float32(1) - across) + np.float32(y[top, left + 1]) * across
    lower = np.float32(y[top + 1, left]) * (np.float32(1) - across) + np.float32(y[top + 1, left + 1]) * across
    return upper * (np.float32(1) - down) + lower * down


@compiled
def crop_rgb(y: Plane, u: Plane, v: Plane, matrix: Matrix, taps: int, low: float, high: float, out: Tensor) -> None:
    """Fill a net's input; what lies outside of the picture is black.

    Args:
        y: Luma, `uint8`, `(height, width)`.
        u: Blue chroma, `uint8`, `(height / 2, width / 2)`.
        v: Red chroma, as `u`.
        matrix: From middles of output pixels to middles of luma samples: `float32`, `(2, 3)`.
        taps: Samples of luma for each output pixel in each direction: 1, or more where it is shrunk.
        low: What black is to be.
        high: What white is to be.
        out: Filled: `float32`, `(1, rows, columns, 3)`, RGB.
    """
    rows, columns = out.shape[1], out.shape[2]
    scale, base = np.float32((high - low) / 255), np.float32(low)
    per_tap = np.float32(1) / np.float32(taps)
    zero, full = np.float32(0), np.float32(255)
    for row in range(rows):
        for column in range(columns):
            total, seen = zero, 0
            for j in range(taps):
                dy = np.float32(row) + (np.float32(j) + np.float32(0.5)) * per_tap - np.float32(0.5)
                for i in range(taps):
                    dx = np.float32(column) + (np.float32(i) + np.float32(0.5)) * per_tap - np.float32(0.5)
                    at_x = matrix[0, 0] * dx + matrix[0, 1] * dy + matrix[0, 2]
                    at_y = matrix[1, 0] * dx + matrix[1, 1] * dy + matrix[1, 2]
                    value = _luma(y, at_x, at_y)
                    if value >= zero:
                        total += value
                        seen += 1
            if seen == 0:
                out[0, row, column, 0] = out[0, row, column, 1] = out[0, row, column, 2] = base
                continue
            at_x = matrix[0, 0] * np.float32(column) + matrix[0, 1] * np.float32(row) + matrix[0, 2]
            at_y = matrix[1, 0] * np.float32(column) + matrix[1, 1] * np.float32(row) + matrix[1, 2]
            cx = min(max(int(at_x) >> 1, 0), u.shape[1] - 1)
            cy = min(max(int(at_y) >> 1, 0), u.shape[0] - 1)
            luma = (total / np.float32(seen) - np.float32(16)) * np.float32(1.164383)
            blue, red = np.float32(u[cy, cx]) - np.float32(128), np.float32(v[cy, cx]) - np.float32(128)
            r = luma + np.float32(1.596027) * red
            g = luma - np.float32(0.391762) * blue - np.float32(0.812968) * red
            b = luma + np.float32(2.017232) * blue
            out[0, row, column, 0] = min(max(r, zero), full) * scale + base
            out[0, row, column, 1] = min(max(g, zero), full) * scale + base
            out[0, row, column, 2] = min(max(b, zero), full) * scale + base
