"""Which parts of a picture stand still, so that an encoder need not look at them.

Behind a person there is a still picture wherever Eyeline has put one, and it is the same to the bit from frame to
frame. An encoder that is told so copies these blocks from the picture before, and saves about a fifth of its time on a
talking head. What a camera sees is never the same to the bit, and of what was decoded no block stays the same for long:
then nothing is saved, and hardly anything is spent.
"""

from __future__ import annotations

from ctypes import c_uint8
from typing import Final

import numpy as np
from numpy.typing import NDArray

from eyeline.processing.rtc.plane_pointers import PlanePointers

BLOCK_PX: Final = 16
REFINED_FOR: Final = 30  # pictures that a block is encoded for after it changed, each with a smaller error
_NEVER: Final = np.uint8(255)
_PLANES: Final = ((16, 2), (8, 1), (8, 1))  # a block's rows of pixels, and words of eight pixels in a row
_WORTH_SHARE: Final = 0.05
_TRIED_FOR: Final = 2 * REFINED_FOR  # twice as long as even a picture that stands still takes to be worth it
_RESTS_FOR: Final = 90
_RESTS_AT_MOST: Final = 720

Blocks = NDArray[np.uint8]


def coarser(moving: Blocks, halvings: int) -> Blocks:
    """The same for a picture that was made by halving this one so many times: each block covers two by two.

    Args:
        moving: As of `StillBlocks.moving`.
        halvings: 0 or more.
    """
    factor = 1 << halvings
    rows, columns = (-(-length // factor) for length in moving.shape)
    whole = np.zeros((rows * factor, columns * factor), np.uint8)
    whole[: moving.shape[0], : moving.shape[1]] = moving
    covered: Blocks = whole.reshape(rows, factor, columns, factor).max(axis=(1, 3))
    return covered


class StillBlocks:
    """Compares each picture with the one before, which it keeps a copy of.

    A block counts as moving for `REFINED_FOR` pictures after it changed, until it is as good as it gets. One row of
    blocks after the other is refined beyond that, so that what was encoded at a low rate does not stay as it is.

    Args:
        width_px: Of all pictures.
        height_px: Of all pictures.
    """

    def __init__(self, width_px: int, height_px: int) -> None:
        self._width_px, self._height_px = width_px, height_px
        self._rows = -(-height_px // BLOCK_PX)
        columns = -(-width_px // BLOCK_PX)
        self._moving = np.ones((self._rows, columns), np.uint8)
        self._unchanged_for = np.zeros((self._rows, columns), np.uint8)
        self._before: list[NDArray[np.uint64]] = []
        self._differs = [np.zeros((self._rows * high_px, columns * wide), np.uint8) for high_px, wide in _PLANES]
        self._refined_row = 0
        self._in_vain = 0
        self._rests_for = _RESTS_FOR
        self._rest = 0

    def moving(self, planes: PlanePointers) -> Blocks | None:
        """Which blocks of the next picture have to be encoded.

        Args:
            planes: Of the picture, in I420; only read.

        Returns:
            `uint8` of (rows, columns), 0 where a block of 16x16 pixels stands still; the same array each time. `None`
            where that is not known, or not worth to be known.
        """
        if self._width_px % BLOCK_PX or self._height_px % 2:
            return None
        if self._rest:
            self._rest -= 1
            return None
        words = [self._words(planes, plane) for plane in range(3)]
        if not self._before:
            self._before = [plane.copy() for plane in words]
            self.begin_anew()
            return None
        changed = self._changed(words)
        for kept, plane in zip(self._before, words, strict=True):
            np.copyto(kept, plane)
        self._unchanged_for += self._unchanged_for < _NEVER
        self._unchanged_for[changed] = 0
        np.less_equal(self._unchanged_for, REFINED_FOR, out=self._moving.view(np.bool_))
        self._moving[self._refined_row] = 1
        self._refined_row = (self._refined_row + 1) % self._rows
        self._consider(float(self._moving.mean()))
        return self._moving

    def begin_anew(self) -> None:
        """A keyframe was made, so every block wants to be refined."""
        self._unchanged_for[:] = 0

    def _consider(self, moving_share: float) -> None:
        """Leave off for a while where hardly a block ever stands still; the longer, the more often it was in vain."""
        if moving_share <= 1 - _WORTH_SHARE:
            self._in_vain, self._rests_for = 0, _RESTS_FOR
            return
        self._in_vain += 1
        if self._in_vain >= _TRIED_FOR:
            self._in_vain, self._rest = 0, self._rests_for
            self._rests_for = min(2 * self._rests_for, _RESTS_AT_MOST)
            self._before = []

    def _changed(self, words: list[NDArray[np.uint64]]) -> NDArray[np.bool_]:
        """Which blocks differ, by comparing eight pixels at once."""
        luma, *chroma = (
            self._any_of_block(plane, before, differs)
            for plane, before, differs in zip(words, self._before, self._differs, strict=True)
        )
        changed = luma[:, 0::2] | luma[:, 1::2] | chroma[0] | chroma[1]
        return changed.view(np.bool_)

    def _any_of_block(self, plane: NDArray[np.uint64], before: NDArray[np.uint64], differs: Blocks) -> Blocks:
        np.not_equal(plane, before, out=differs[: len(plane)].view(np.bool_))
        found: Blocks = np.bitwise_or.reduce(differs.reshape(self._rows, -1, differs.shape[1]), axis=1)
        return found

    def _words(self, planes: PlanePointers, plane: int) -> NDArray[np.uint64]:
        """A plane where it lies, as rows of eight pixels."""
        width, height = self._width_px, self._height_px
        if plane:
            width, height = width // 2, height // 2
        stride = planes.strides[plane]
        octets = (c_uint8 * (stride * (height - 1) + width)).from_address(planes.addresses[plane])
        flat = np.frombuffer(memoryview(octets), np.uint8)
        return np.lib.stride_tricks.as_strided(flat, (height, width), (stride, 1)).view(np.uint64)
