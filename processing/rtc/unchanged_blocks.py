"""Which blocks of a picture are the same as in the picture before, for an encoder that knows how well it did these.

`StillBlocks` is for encoders that do not know, and so have to be told of a block for a while after it changed.
"""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future
from ctypes import c_uint8
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from eyeline.processing.rtc.plane_pointers import PlanePointers

log = logging.getLogger(__name__)

BLOCK_PX: Final = 16
_WORD_PX: Final = 8
_PLANES: Final = ((1, 16, 2), (2, 8, 1), (2, 8, 1))  # how much coarser, and a block's rows of pixels and words in a row
_WORTH_SHARE: Final = 0.05
_TRIED_FOR: Final = 30
_RESTS_FOR: Final = 90

Blocks = NDArray[np.uint8]


class UnchangedBlocks:
    """Compares each picture with the one before, of which it keeps a hash for each part of a block.

    Nothing waits for the kernel to be compiled: nothing is known of pictures before that.

    Args:
        width_px: Of all pictures.
        height_px: Of all pictures.
    """

    def __init__(self, width_px: int, height_px: int) -> None:
        self._width_px, self._height_px = width_px, height_px
        rows, columns = -(-height_px // BLOCK_PX), -(-width_px // BLOCK_PX)
        self._unchanged = np.zeros((rows, columns), np.uint8)
        self._hashes = [np.zeros((rows, columns * wide), np.uint64) for _, _, wide in _PLANES]
        self._scratch = [np.zeros(columns * wide, np.uint64) for _, _, wide in _PLANES]
        self._has_before = False
        self._in_vain = 0
        self._rest = 0
        compiling()

    def unchanged(self, planes: PlanePointers) -> Blocks | None:
        """Which blocks of the next picture are as they were.

        Args:
            planes: Of the picture, in I420; only read.

        Returns:
            `uint8` of (rows, columns), 1 where a block of 16x16 pixels is the same to the bit; always the same array.
            `None` where that is not known, or not worth to be known.
        """
        kernel = compiling()
        if not kernel.done() or kernel.exception() or not self._can_read(planes):
            self._has_before = False  # the encoder will have had another picture in between
            return None
        if self._rest:
            self._rest -= 1
            self._has_before = False
            return None
        self._unchanged.fill(1)
        note = kernel.result()
        for index, (coarser, high, wide) in enumerate(_PLANES):
            rows = self._height_px // coarser
            words, stride = self._words(planes, index, rows)
            note(words, stride, rows, high, wide, self._scratch[index], self._hashes[index], self._unchanged)
        if not self._has_before:
            self._has_before = True
            return None
        self._consider(float(np.count_nonzero(self._unchanged)) / self._unchanged.size)
        return self._unchanged

    def _can_read(self, planes: PlanePointers) -> bool:
        aligned = not any(place % _WORD_PX for place in (*planes.addresses, *planes.strides))
        return aligned and not self._width_px % BLOCK_PX and not self._height_px % 2

    def _consider(self, unchanged_share: float) -> None:
        """Leave off for a while where everything changes all the time."""
        self._in_vain = self._in_vain + 1 if unchanged_share < _WORTH_SHARE else 0
        if self._in_vain >= _TRIED_FOR:
            self._in_vain, self._rest = 0, _RESTS_FOR

    def _words(self, planes: PlanePointers, plane: int, rows: int) -> tuple[NDArray[np.uint64], int]:
        """A plane where it lies, and how many words are from one row to the next."""
        stride = planes.strides[plane] // _WORD_PX
        size = (stride * (rows - 1) + self._scratch[plane].size) * _WORD_PX
        octets = (c_uint8 * size).from_address(planes.addresses[plane])
        return np.frombuffer(memoryview(octets), np.uint64), stride


@cache
def compiling() -> Future[Any]:
    """The kernel for what it is given here, being compiled or read from where it was kept: half a second's work."""
    result: Future[Any] = Future()

    def work() -> None:
        try:
            result.set_result(_compiled())
        except Exception as error:  # numba's own are many, and there is a way without it
            log.warning("blocks that did not change are encoded: %s", error)
            result.set_exception(error)

    threading.Thread(target=work, name="kernel-compiler").start()
    return result


def _compiled() -> Any:
    # not before it is needed: numba takes half a second and 60 MB, and who only receives has no use for it
    from numba import types

    from eyeline.processing.kernels import block_hashes

    whole, row, table = types.int64, types.Array(types.uint64, 1, "C"), types.Array(types.uint64, 2, "C")
    kernel: Any = block_hashes.note_changes
    kernel.compile((row, whole, whole, whole, whole, row, table, types.Array(types.uint8, 2, "C")))
    return kernel
