"""Mask to matte."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from eyeline.processing.frame import I420Image
from eyeline.processing.kernels.band_blend import MIXED, PERSON, ROOM
from eyeline.processing.pyramid import Pyramid
from eyeline.processing.refine import Matte, matte_of, small_alpha
from eyeline.processing.segmenter import Mask


def right_half(columns: int = 320, rows: int = 180, *, edge: int | None = None) -> Mask:
    mask = np.zeros((rows, columns), np.float32)
    mask[:, columns // 2 if edge is None else edge :] = 1
    return mask


def two_colors(edge_px: int, size: tuple[int, int] = (1280, 720), chroma: bool = False) -> I420Image:
    """One colour up to a column, another from there; told apart by luma or by chroma alone."""
    image = I420Image.filled(*size, (100, 90, 160))
    if chroma:
        image.u[:, edge_px // 2 :] = 160
        image.v[:, edge_px // 2 :] = 100
    else:
        image.y[:, edge_px:] = 190
    return image


def made(image: I420Image, mask: Mask) -> Matte:
    return matte_of(image, Pyramid(image), mask)


def crossing(matte: Matte, row: int) -> int:
    """The column at which the matte passes one half."""
    return int(np.argmax(matte.plane[row] > 127))


@pytest.mark.parametrize("chroma", [False, True])
@pytest.mark.parametrize("off_px", [-8, -4, 4, 8])
def test_the_edge_goes_to_that_of_the_picture(chroma: bool, off_px: int):
    matte = made(two_colors(640 + off_px, chroma=chroma), right_half())
    for row in (0, 300, 719):
        assert abs(crossing(matte, row) - (640 + off_px)) <= abs(off_px) / 2


def test_in_a_flat_picture_the_edge_stays_where_the_mask_has_it():
    matte = made(I420Image.filled(1280, 720, (100, 128, 128)), right_half())
    assert abs(crossing(matte, 360) - 640) <= 3
    assert (np.diff(matte.plane[360].astype(int)) >= 0).all()


def test_away_from_the_edge_it_is_exactly_clear_or_opaque():
    image = I420Image(1280, 720, np.random.default_rng(1).integers(0, 256, 1280 * 1080, np.uint8))
    matte = made(image, right_half())
    assert (matte.plane[:, :600] == 0).all()
    assert (matte.plane[:, 680:] == 255).all()
    assert (matte.kinds[:, :150] == ROOM).all()
    assert (matte.kinds[:, 170:] == PERSON).all()
    assert (matte.kinds[:, 158:162] == MIXED).all()


@pytest.mark.parametrize(("value", "alpha"), [(0.0, 0), (0.05, 0), (0.15, 0), (0.9, 255), (1.0, 255)])
def test_a_mask_that_is_the_same_all_over(value: float, alpha: int):
    image = I420Image(640, 360, np.random.default_rng(1).integers(0, 256, 640 * 540, np.uint8))
    assert (made(image, np.full((180, 320), value, np.float32)).plane == alpha).all()


@pytest.mark.parametrize("size", [(2, 2), (16, 16), (128, 72), (3840, 2160), (1280, 40), (40, 1280)])
def test_frames_of_every_size(size: tuple[int, int]):
    image = I420Image.filled(*size, (100, 128, 128))
    pyramid = Pyramid(image)
    columns, rows = pyramid.grid_size
    matte = matte_of(image, pyramid, right_half(columns, rows))
    assert matte.plane.shape == size[::-1]
    assert (matte.plane[:, : size[0] // 4] == 0).all() or columns < 16
    assert (matte.plane[:, -(size[0] // 4) :] == 255).all() or columns < 16


def test_a_strand_finer_than_the_grid_shows_through():
    """What a mask alone cannot hold: a dark line of 4 px before a bright wall, in a band that the mask calls half."""
    image = I420Image.filled(1280, 720, (200, 128, 128))
    image.y[:, 640:] = 30
    image.y[300:304, 560:640] = 30
    mask = cv2.GaussianBlur(right_half(), (0, 0), 3)
    matte = made(image, np.asarray(mask, np.float32))
    on, off = matte.plane[302, 620:632].mean(), matte.plane[260, 620:632].mean()
    assert on > off + 30


def test_the_small_alpha_is_a_ramp():
    mask = np.linspace(0, 1, 32, dtype=np.float32)[None].repeat(18, axis=0)
    alpha = small_alpha(mask, 64, 36)
    assert alpha.shape == (36, 64)
    assert (np.diff(alpha[18]) >= 0).all()
    assert (alpha[:, :12] == 0).all()
    assert (alpha[:, -8:] == 1).all()
