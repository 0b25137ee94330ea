"""The smaller sizes of a frame."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyeline.processing.box import Box
from eyeline.processing.frame import I420Image
from eyeline.processing.pyramid import Pyramid, grid_size

SIDES = st.integers(1, 1200).map(lambda half: half * 2)


def gradient(width_px: int, height_px: int) -> I420Image:
    """Luma grows to the right, blue chroma downwards."""
    image = I420Image.filled(width_px, height_px, (0, 0, 90))
    image.y[:] = np.linspace(20, 220, width_px).astype(np.uint8)
    image.u[:] = np.linspace(20, 220, height_px // 2).astype(np.uint8)[:, None]
    return image


@pytest.mark.parametrize(
    ("frame", "grid"),
    [
        ((1280, 720), (320, 180)),
        ((640, 360), (320, 180)),
        ((720, 1280), (180, 320)),
        ((320, 240), (160, 120)),
        ((3840, 2160), (320, 180)),
        ((2560, 720), (320, 90)),
        ((16, 16), (8, 8)),
        ((2, 2), (1, 1)),
    ],
)
def test_the_grid_has_the_shape_of_the_frame(frame: tuple[int, int], grid: tuple[int, int]):
    assert grid_size(*frame) == grid


@given(SIDES, SIDES)
def test_no_frame_is_too_odd_for_a_guide(width_px: int, height_px: int):
    pyramid = Pyramid(I420Image.filled(width_px, height_px, (50, 100, 200)))
    columns, rows = pyramid.grid_size
    for plane, value in zip(pyramid.guide, (50, 100, 200), strict=True):
        assert plane.shape == (rows, columns)
        assert (plane == value).all()
    for box in Box.whole(width_px, height_px), Box(width_px - 1, height_px - 1, width_px, height_px):
        assert pyramid.rgb(box, 8, 6).shape == (6, 8, 3)


def test_the_guide_lies_over_the_frame():
    image = gradient(1280, 720)
    y, u, v = Pyramid(image).guide
    np.testing.assert_allclose(y[90], image.y[360].reshape(320, 4).mean(axis=1), atol=1)
    np.testing.assert_allclose(u[:, 160], image.u[:, 320].reshape(180, 2).mean(axis=1), atol=1)
    assert (v == 90).all()


def test_a_part_is_cut_out_and_stretched():
    bgr = np.zeros((360, 640, 3), np.uint8)
    bgr[100:200, 300:400] = (0, 0, 255)
    rgb = Pyramid(I420Image.from_bgr(bgr)).rgb(Box(200, 100, 400, 300), 64, 64)
    np.testing.assert_allclose(rgb[8, 48], (255, 0, 0), atol=8)
    for elsewhere in ((8, 16), (48, 48), (48, 16)):
        np.testing.assert_allclose(rgb[elsewhere], (0, 0, 0), atol=8)
