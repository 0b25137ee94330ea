"""Which parts of a plane changed, told by a number for each part instead of a copy of all."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from eyeline.processing.kernels.compiled import compiled

_FACTOR: Final = np.uint64(0x9E3779B97F4A7C15)  # odd, so that no two values become one
_SHIFT: Final = np.uint64(29)
_NOTHING: Final = np.uint64(0)


@compiled
def note_changes(
    plane: NDArray[np.uint64],
    stride: int,
    rows: int,
    high: int,
    wide: int,
    scratch: NDArray[np.uint64],
    hashes: NDArray[np.uint64],
    unchanged: NDArray[np.uint8],
) -> None:
    """Hash all columns of eight pixels of each block, and strike out the blocks of which one has another hash.

    A column in which one row changed has another hash for certain. Where several did, it is the same by a chance of one
    in 2**64.

    Args:
        plane: Eight pixels a word, one row after the other.
        stride: Words from one row to the next.
        rows: Of pixels.
        high: Rows of a block; the last block may have fewer.
        wide: Words in a row of a block.
        scratch: As long as a row has words.
        hashes: Of the picture before, `(block rows, words)`; those of this one are put in their place.
        unchanged: Set to 0 where a block changed, `(block rows, block columns)`.
    """
    words = scratch.size
    for block_row in range(hashes.shape[0]):
        for word in range(words):
            scratch[word] = _NOTHING
        for row in range(block_row * high, min(rows, (block_row + 1) * high)):
            line = plane[row * stride : row * stride + words]
            for word in range(words):
                mixed = (scratch[word] ^ line[word]) * _FACTOR
                scratch[word] = mixed ^ (mixed >> _SHIFT)
        for word in range(words):
            if hashes[block_row, word] != scratch[word]:
                hashes[block_row, word] = scratch[word]
                unchanged[block_row, word // wide] = 0
