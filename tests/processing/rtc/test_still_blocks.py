"""Which blocks of a picture stand still."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from eyeline.processing.rtc.plane_pointers import PlanePointers
from eyeline.processing.rtc.still_blocks import REFINED_FOR, StillBlocks

WIDTH_PX, HEIGHT_PX = 160, 88  # five and a half rows of ten blocks
ROWS, COLUMNS = 6, 10


class Picture:
    """An I420 picture with rows that are longer than what is used of them."""

    def __init__(self, seed: int = 0, spare: int = 24) -> None:
        random = np.random.default_rng(seed)
        shapes = ((HEIGHT_PX, WIDTH_PX), (HEIGHT_PX // 2, WIDTH_PX // 2), (HEIGHT_PX // 2, WIDTH_PX // 2))
        self.rows = [random.integers(0, 255, (high, wide + spare), np.uint8) for high, wide in shapes]
        self.planes: list[NDArray[np.uint8]] = [rows[:, :-spare] for rows in self.rows]

    @property
    def pointers(self) -> PlanePointers:
        return PlanePointers([plane.ctypes.data for plane in self.planes], [plane.strides[0] for plane in self.planes])


def settled(picture: Picture) -> StillBlocks:
    """One that has seen a picture for so long that nothing but the row that is refined moves."""
    still = StillBlocks(WIDTH_PX, HEIGHT_PX)
    for _ in range(REFINED_FOR + 3):
        moving = still.moving(picture.pointers)
    assert moving is not None
    assert moving.sum() == COLUMNS
    return still


def copied(still: StillBlocks, picture: Picture) -> NDArray[np.uint8]:
    moving = still.moving(picture.pointers)
    assert moving is not None
    return moving.copy()


def test_of_the_first_picture_nothing_is_known() -> None:
    assert StillBlocks(WIDTH_PX, HEIGHT_PX).moving(Picture().pointers) is None


def test_a_block_is_refined_for_a_while_and_then_stands_still() -> None:
    picture, still = Picture(), StillBlocks(WIDTH_PX, HEIGHT_PX)
    still.moving(picture.pointers)
    for _ in range(REFINED_FOR):
        assert copied(still, picture).all()
    assert copied(still, picture).shape == (ROWS, COLUMNS)
    assert copied(still, picture).sum() == COLUMNS


@pytest.mark.parametrize(
    ("plane", "row_px", "column_px", "block"),
    [
        (0, 0, 0, (0, 0)),
        (0, 17, 31, (1, 1)),
        (0, 87, 159, (5, 9)),
        (0, 47, 88, (2, 5)),
        (1, 0, 79, (0, 9)),
        (1, 43, 8, (5, 1)),
        (2, 8, 7, (1, 0)),
        (2, 23, 40, (2, 5)),
    ],
)
def test_one_sample_of_any_plane_makes_its_block_move(
    plane: int, row_px: int, column_px: int, block: tuple[int, int]
) -> None:
    picture = Picture()
    still = settled(picture)
    picture.planes[plane][row_px, column_px] ^= 1
    looks = [copied(still, picture) for _ in range(2)]
    assert np.argwhere(looks[0] & looks[1]).tolist() == [list(block)]


def test_what_is_beside_the_picture_does_not_count() -> None:
    picture = Picture()
    still = settled(picture)
    for rows, plane in zip(picture.rows, picture.planes, strict=True):
        rows[:, plane.shape[1] :] ^= 255
    looks = [copied(still, picture) for _ in range(2)]
    assert not (looks[0] & looks[1]).any()


def test_every_block_is_refined_in_turn() -> None:
    picture = Picture()
    still = settled(picture)
    assert sum(copied(still, picture) for _ in range(ROWS)).tolist() == np.ones((ROWS, COLUMNS)).tolist()


def test_after_a_keyframe_all_is_refined() -> None:
    picture = Picture()
    still = settled(picture)
    still.begin_anew()
    assert copied(still, picture).all()


def test_where_all_changes_all_the_time_it_leaves_off_and_tries_again() -> None:
    still = StillBlocks(WIDTH_PX, HEIGHT_PX)
    known = [still.moving(Picture(seed).pointers) is not None for seed in range(400)]
    assert 0.1 < np.mean(known) < 0.4
    assert any(known[-125:])
    picture = Picture()
    assert min(float(copied(still, picture).mean()) if still.moving(picture.pointers) is not None else 1.0
               for _ in range(200)) < 0.5  # fmt: skip


def test_where_each_block_changes_now_and_then_it_leaves_off_for_longer_and_longer() -> None:
    still, picture, looks = StillBlocks(WIDTH_PX, HEIGHT_PX), Picture(), list[bool]()
    for number in range(1200):
        picture.planes[0][:, number % 20 :: 20] ^= 1  # eight blocks of ten, the next time others
        looks.append(still.moving(picture.pointers) is not None)
    assert np.mean(looks[300:]) < 0.2
    assert any(looks[300:])
    known = [still.moving(picture.pointers) for _ in range(900)]
    assert min(float(moving.mean()) for moving in known if moving is not None) < 0.5


def test_a_look_at_a_picture_that_stands_still_is_never_in_vain() -> None:
    picture, still = Picture(), StillBlocks(WIDTH_PX, HEIGHT_PX)
    still.moving(picture.pointers)
    for number in range(600):
        if number % 50 == 0:
            still.begin_anew()
        assert still.moving(picture.pointers) is not None


@pytest.mark.parametrize("size_px", [(168, 88), (160, 87), (18, 18)])
def test_sizes_that_it_does_not_know_are_encoded_whole(size_px: tuple[int, int]) -> None:
    still = StillBlocks(*size_px)
    assert still.moving(Picture().pointers) is None
    assert still.moving(Picture().pointers) is None
