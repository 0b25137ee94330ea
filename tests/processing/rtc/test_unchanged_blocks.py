"""Which blocks of a picture are as they were."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from eyeline.processing.kernels import block_hashes
from eyeline.processing.rtc.plane_pointers import PlanePointers
from eyeline.processing.rtc.unchanged_blocks import UnchangedBlocks, compiling

WIDTH_PX, HEIGHT_PX = 160, 88  # five and a half rows of ten blocks
ROWS, COLUMNS = 6, 10


class Picture:
    """An I420 picture with rows that are longer than what is used of them."""

    def __init__(self, seed: int = 0, spare: int = 24) -> None:
        random = np.random.default_rng(seed)
        shapes = ((HEIGHT_PX, WIDTH_PX), (HEIGHT_PX // 2, WIDTH_PX // 2), (HEIGHT_PX // 2, WIDTH_PX // 2))
        self.rows = [random.integers(0, 255, (high, wide + spare), np.uint8) for high, wide in shapes]
        self.planes: list[NDArray[np.uint8]] = [rows[:, :-spare] for rows in self.rows]

    def pointers(self, off: int = 0) -> PlanePointers:
        strides = [plane.strides[0] for plane in self.planes]
        return PlanePointers([plane.ctypes.data + off for plane in self.planes], strides)


@pytest.fixture(autouse=True)
def ready() -> None:
    compiling().result()


def seen(picture: Picture) -> UnchangedBlocks:
    blocks = UnchangedBlocks(WIDTH_PX, HEIGHT_PX)
    assert blocks.unchanged(picture.pointers()) is None
    return blocks


def told(blocks: UnchangedBlocks, picture: Picture) -> NDArray[np.uint8]:
    unchanged = blocks.unchanged(picture.pointers())
    assert unchanged is not None
    return unchanged.copy()


def test_of_the_first_picture_nothing_is_known_even_if_it_is_black() -> None:
    picture = Picture()
    for plane in picture.planes:
        plane[:] = 0
    assert told(seen(picture), picture).all()


def test_what_is_the_same_is_told_at_once_and_another_picture_as_well() -> None:
    picture = Picture()
    blocks = seen(picture)
    assert told(blocks, picture).shape == (ROWS, COLUMNS)
    assert told(blocks, picture).all()
    assert not told(blocks, Picture(1)).any()
    assert told(blocks, Picture(1)).all()


@pytest.mark.parametrize("pixel", [(0, 0, 0), (0, 87, 159), (0, 33, 63), (1, 0, 0), (1, 43, 79), (2, 17, 24)])
def test_one_pixel_is_seen_in_its_block_alone(pixel: tuple[int, int, int]) -> None:
    plane, row_px, column_px = pixel
    block_px = 8 if plane else 16
    picture = Picture()
    blocks = seen(picture)
    picture.planes[plane][row_px, column_px] ^= 1
    changed = np.argwhere(told(blocks, picture) == 0)
    assert changed.tolist() == [[row_px // block_px, column_px // block_px]]
    assert told(blocks, picture).all()


def test_what_is_beside_the_picture_counts_for_nothing() -> None:
    picture = Picture()
    blocks = seen(picture)
    for rows, plane in zip(picture.rows, picture.planes, strict=True):
        rows[:, plane.shape[1] :] ^= 1
    assert told(blocks, picture).all()


def test_rows_that_change_places_are_seen() -> None:
    """Sums would be the same."""
    picture = Picture()
    blocks = seen(picture)
    picture.planes[0][[2, 9]] = picture.planes[0][[9, 2]]
    unchanged = told(blocks, picture)
    assert not unchanged[0].any()
    assert unchanged[1:].all()


def test_every_small_change_is_seen() -> None:
    """Of the last pixels of eight, in several rows: a hash that mixes too little forgets them."""
    picture, random = Picture(), np.random.default_rng(5)
    blocks = seen(picture)
    for _ in range(300):
        rows = random.choice(16, random.integers(1, 6), replace=False)
        picture.planes[0][rows, 7] ^= random.integers(1, 256, rows.size, np.uint8)
        assert told(blocks, picture)[0, 0] == 0


def test_where_everything_changes_it_rests_and_looks_again() -> None:
    blocks = seen(Picture())
    shown = [blocks.unchanged(Picture(number % 2 + 1).pointers()) is not None for number in range(180)]
    assert shown[:30] == [True] * 30
    assert not any(shown[30:121])  # the first one after the rest is compared with nothing
    assert shown[121:151] == [True] * 30
    assert not any(shown[151:])


@pytest.mark.parametrize("size_px", [(168, 88), (160, 87)])
def test_sizes_that_do_not_fit_are_left_alone(size_px: tuple[int, int]) -> None:
    blocks = UnchangedBlocks(*size_px)
    assert [blocks.unchanged(Picture().pointers()) for _ in range(3)] == [None] * 3


def test_so_are_pictures_that_lie_askew() -> None:
    blocks, picture = UnchangedBlocks(WIDTH_PX - 16, HEIGHT_PX), Picture()
    assert [blocks.unchanged(picture.pointers(off=3)) for _ in range(3)] == [None] * 3


def test_a_picture_that_could_not_be_compared_is_not_passed_over() -> None:
    """What is as it was two pictures before may have been another in between."""
    picture = Picture()
    blocks = seen(picture)
    assert blocks.unchanged(Picture(1).pointers(off=3)) is None
    assert blocks.unchanged(picture.pointers()) is None
    assert told(blocks, picture).all()


def test_without_a_compiler_nothing_is_known(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    class Refuses:
        def compile(self, _: object) -> None:
            raise RuntimeError("no compiler")

    monkeypatch.setattr(block_hashes, "note_changes", Refuses())
    compiling.cache_clear()
    try:
        blocks = UnchangedBlocks(WIDTH_PX, HEIGHT_PX)
        assert isinstance(compiling().exception(timeout=60), RuntimeError)
        assert [blocks.unchanged(Picture().pointers()) for _ in range(3)] == [None] * 3
    finally:
        compiling.cache_clear()
    assert "no compiler" in caplog.text
