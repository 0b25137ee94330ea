"""Which blocks stand still, in layers that are made from the one that is looked at."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from eyeline.processing.rtc.layered_still_blocks import LayeredStillBlocks
from eyeline.processing.rtc.plane_pointers import PlanePointers
from eyeline.processing.rtc.simulcast_layers import SizePx
from eyeline.processing.rtc.still_blocks import REFINED_FOR, Blocks, coarser

SIZES: tuple[SizePx, ...] = ((80, 44), (160, 88), (320, 176))


class Picture:
    def __init__(self, size_px: SizePx) -> None:
        wide, high = size_px
        self.planes: list[NDArray[np.uint8]] = [
            np.zeros(shape, np.uint8) for shape in ((high, wide), (high // 2, wide // 2), (high // 2, wide // 2))
        ]

    @property
    def pointers(self) -> PlanePointers:
        return PlanePointers([plane.ctypes.data for plane in self.planes], [plane.strides[0] for plane in self.planes])


def settled(sizes: tuple[SizePx, ...], picture: Picture) -> LayeredStillBlocks:
    still = LayeredStillBlocks(sizes)
    for _ in range(REFINED_FOR + 5):
        moving = still.moving(picture.pointers)
    assert all(blocks is not None and not blocks.all() for blocks in moving)
    return still


def changed(still: LayeredStillBlocks, picture: Picture) -> list[Blocks]:
    """Copies, without the row that is refined."""
    found = []
    for blocks in still.moving(picture.pointers):
        assert blocks is not None
        kept = blocks.copy()
        kept[: -(-len(kept) // 2)] = 0  # it is near the top by now
        found.append(kept)
    return found


def test_a_block_covers_two_by_two_of_the_picture_above() -> None:
    moving = np.zeros((3, 5), np.uint8)
    moving[0, 0] = moving[2, 4] = 1
    assert coarser(moving, 0).tolist() == moving.tolist()
    assert coarser(moving, 1).tolist() == [[1, 0, 0], [0, 0, 1]]
    assert coarser(moving, 2).tolist() == [[1, 1]]


def test_what_moves_in_the_tallest_moves_in_all() -> None:
    picture = Picture(SIZES[-1])
    still = settled(SIZES, picture)
    picture.planes[0][170, 200] += 1
    low, middle, tall = changed(still, picture)
    assert [blocks.shape for blocks in (low, middle, tall)] == [(3, 5), (6, 10), (11, 20)]
    assert np.argwhere(tall).tolist() == [[10, 12]]
    assert np.argwhere(middle).tolist() == [[5, 6]]
    assert np.argwhere(low).tolist() == [[2, 3]]


def test_a_keyframe_lets_all_be_refined() -> None:
    picture = Picture(SIZES[-1])
    still = settled(SIZES, picture)
    still.begin_anew()
    for blocks in still.moving(picture.pointers):
        assert blocks is not None
        assert blocks.all()


def test_of_the_first_picture_nothing_is_known() -> None:
    assert list(LayeredStillBlocks(SIZES).moving(Picture(SIZES[-1]).pointers)) == [None] * 3


@pytest.mark.parametrize("size_px", [(160, 90), (158, 88), (320, 88), (480, 264)])
def test_a_layer_that_was_not_made_by_halving_is_encoded_whole(size_px: SizePx) -> None:
    picture = Picture(SIZES[-1])
    still = LayeredStillBlocks((size_px, SIZES[-1]))
    for _ in range(3):
        low, tall = still.moving(picture.pointers)
    assert low is None
    assert tall is not None
