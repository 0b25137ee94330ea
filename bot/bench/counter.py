"""A number in the pixels of a picture, and marks that flash: both survive coding at any rate that shows a picture.

The number stands as two rows of black and white blocks at the top left: 24 bits and a checksum of 8. A block is a
macroblock (16x16), so an encoder spends little on it.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Luma = NDArray[np.uint8]

BLOCK_PX: Final = 16
COLUMNS: Final = 16
ROWS: Final = 2
MAX_NUMBER: Final = (1 << 24) - 1
FLASH_PX: Final = 64
_BITS: Final = COLUMNS * ROWS
_BLACK: Final = 16
_WHITE: Final = 235
_CERTAIN: Final = 40  # a block's mean must be so far from the middle between black and white
_MIDDLE: Final = (_BLACK + _WHITE) / 2
_POLYNOMIAL: Final = 0x07


def draw_number(luma: Luma, number: int) -> None:
    """Write a number into the luma plane of a picture, `uint8` of shape `(height, width)`.

    Raises:
        ValueError: The number has more than 24 bits.
    """
    if not 0 <= number <= MAX_NUMBER:
        raise ValueError(f"{number} is no number of 24 bits")
    code = number << 8 | _checksum(number)
    for bit in range(_BITS):
        row, column = divmod(bit, COLUMNS)
        block = luma[row * BLOCK_PX : (row + 1) * BLOCK_PX, column * BLOCK_PX : (column + 1) * BLOCK_PX]
        block[:] = _WHITE if code >> bit & 1 else _BLACK


def read_number(luma: Luma, width_px: int) -> int | None:
    """The number in a picture, or `None` when it has none that can be read for certain.

    Args:
        luma: `uint8` of shape `(height, width)`.
        width_px: Of the picture when the number was drawn; it may have been scaled since.
    """
    scale = luma.shape[1] / width_px
    corner = luma[: round(ROWS * BLOCK_PX * scale), : round(COLUMNS * BLOCK_PX * scale)]
    if scale != 1:
        corner = np.asarray(cv2.resize(corner, (COLUMNS * BLOCK_PX, ROWS * BLOCK_PX)), np.uint8)
    blocks = corner.reshape(ROWS, BLOCK_PX, COLUMNS, BLOCK_PX)
    inner = blocks[:, BLOCK_PX // 4 : -BLOCK_PX // 4, :, BLOCK_PX // 4 : -BLOCK_PX // 4]
    means = inner.mean(axis=(1, 3)).reshape(-1)
    if np.abs(means - _MIDDLE).min() < _CERTAIN:
        return None
    code = sum(1 << bit for bit, level in enumerate(means) if level > _MIDDLE)
    number = code >> 8
    return number if code & 0xFF == _checksum(number) else None


def draw_flash(luma: Luma, lit: bool) -> None:
    """Light the mark at the top right, or draw it dark."""
    luma[:FLASH_PX, -FLASH_PX:] = _WHITE if lit else _BLACK


def is_lit(luma: Luma, width_px: int) -> bool:
    """Whether the mark at the top right is lit; arguments as of `read_number`."""
    side = round(FLASH_PX * luma.shape[1] / width_px)
    quarter = side // 4
    return bool(luma[quarter : side - quarter, -side + quarter : -quarter].mean() > _MIDDLE)


def _checksum(number: int) -> int:
    """CRC-8 of three bytes."""
    value = 0
    for byte in number.to_bytes(3, "big"):
        value ^= byte
        for _ in range(8):
            value = (value << 1 ^ _POLYNOMIAL if value & 0x80 else value << 1) & 0xFF
    return value
