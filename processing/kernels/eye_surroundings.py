"""What an eye has around it, told by coarse cells, and how far that is from what it was."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eyeline.processing.kernels.compiled import compiled

Tensor = NDArray[np.float32]
Cells = NDArray[np.float32]

CELLS = 16
"""The patch is told in so many cells in each direction."""

_TOP, _BOTTOM, _LEFT, _RIGHT = 5, 11, 3, 13  # the cells in the middle, where an eye moves and blinks
_MOST = 32


@compiled
def surroundings(patch: Tensor, cells: Cells) -> None:
    """Average a patch, and take its brightness out: more or less light is nothing strange.

    Args:
        patch: `float32`, `(1, side, side, 3)`, RGB in 0..1, with a side that `CELLS` divides.
        cells: Filled: `float32`, `(CELLS, CELLS, 3)`.
    """
    zero = np.float32(0)
    step = patch.shape[1] // CELLS
    share = np.float32(1) / np.float32(step * step)
    brightness, around = zero, 0
    for row in range(CELLS):
        for column in range(CELLS):
            red, green, blue = zero, zero, zero
            for y in range(row * step, row * step + step):
                for x in range(column * step, column * step + step):
                    red += patch[0, y, x, 0]
                    green += patch[0, y, x, 1]
                    blue += patch[0, y, x, 2]
            cells[row, column, 0] = red * share
            cells[row, column, 1] = green * share
            cells[row, column, 2] = blue * share
            if not (_TOP <= row < _BOTTOM and _LEFT <= column < _RIGHT):
                brightness += (np.float32(0.3) * red + np.float32(0.59) * green + np.float32(0.11) * blue) * share
                around += 1
    gain = np.float32(1) / max(brightness / np.float32(around), np.float32(0.02))
    for row in range(CELLS):
        for column in range(CELLS):
            for channel in range(3):
                cells[row, column, channel] *= gain


@compiled
def strangeness(cells: Cells, usual: Cells, count: int) -> float:
    """How far what is around an eye is from what is usual, as the mean over the cells that are farthest.

    A cell is as far as it is from everything that its neighbours hold too: a head that moves by less than a cell
    brings nothing new.

    Args:
        cells: Of this frame, `float32`, `(CELLS, CELLS, 3)`.
        usual: Those to compare with, likewise.
        count: Of the cells that are farthest; at most 32.

    Returns:
        In shares of the mean brightness.
    """
    zero = np.float32(0)
    worst = np.zeros(_MOST, np.float32)
    for row in range(CELLS):
        for column in range(CELLS):
            if _TOP <= row < _BOTTOM and _LEFT <= column < _RIGHT:
                continue
            farthest = zero
            for channel in range(3):
                low = high = usual[row, column, channel]
                for y in range(max(0, row - 1), min(CELLS, row + 2)):
                    for x in range(max(0, column - 1), min(CELLS, column + 2)):
                        low = min(low, usual[y, x, channel])
                        high = max(high, usual[y, x, channel])
                value = cells[row, column, channel]
                farthest = max(farthest, max(value - high, low - value))
            place = count - 1
            if farthest <= worst[place]:
                continue
            while place > 0 and worst[place - 1] < farthest:
                worst[place] = worst[place - 1]
                place -= 1
            worst[place] = farthest
    return float(worst[:count].mean())
