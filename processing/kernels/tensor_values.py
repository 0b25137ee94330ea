"""Pixels as the values that a net takes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eyeline.processing.kernels.compiled import compiled


@compiled
def spread(rgb: NDArray[np.uint8], low: float, high: float, out: NDArray[np.float32]) -> None:
    """Spread 0 to 255 over another range.

    Args:
        rgb: `uint8`, `(side, side, 3)`.
        low: What 0 becomes.
        high: What 255 becomes.
        out: Filled: `float32`, `(1, side, side, 3)`.
    """
    base, gain = np.float32(low), np.float32((high - low) / 255)
    pixels, values = rgb.reshape(-1), out.reshape(-1)
    for index in range(pixels.size):
        values[index] = np.float32(pixels[index]) * gain + base
