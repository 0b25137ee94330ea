"""A picture of any shape over a frame of any shape."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyeline.processing.cover import cover
from eyeline.processing.frame import I420Image

SIDES = st.integers(1, 80).map(lambda half: half * 2)


def gradient(width_px: int, height_px: int) -> I420Image:
    image = I420Image.filled(width_px, height_px, (0, 100, 150))
    image.y[:] = np.linspace(16, 235, width_px)[None]
    return image


def test_the_middle_of_a_wide_picture_stays():
    image = I420Image.filled(400, 100, (50, 100, 150))
    image.y[:, 150:250] = 200
    image.u[:, 75:125] = 60
    square = cover(image, (50, 50))
    assert (square.y[:, 2:-2] == 200).all()
    assert (square.u[:, 2:-2] == 60).all()


def test_the_middle_of_a_tall_picture_stays():
    image = I420Image.filled(100, 400, (50, 100, 150))
    image.y[150:250] = 200
    assert (cover(image, (50, 50)).y[2:-2] == 200).all()


def test_shape_is_kept():
    image = I420Image.filled(640, 480, (16, 128, 128))
    yy, xx = np.mgrid[:480, :640]
    image.y[(xx - 320) ** 2 + (yy - 240) ** 2 < 100**2] = 235
    disc = cover(image, (1280, 720)).y > 128
    assert np.ptp(np.flatnonzero(disc.any(axis=0))) == pytest.approx(np.ptp(np.flatnonzero(disc.any(axis=1))), abs=3)
    assert np.ptp(np.flatnonzero(disc.any(axis=0))) == pytest.approx(400, abs=4)


@given(SIDES, SIDES, SIDES, SIDES)
def test_every_size_becomes_every_size(width: int, height: int, to_width: int, to_height: int):
    result = cover(gradient(width, height), (to_width, to_height))
    assert result.size == (to_width, to_height)
    assert (result.u == 100).all()
    assert (result.v == 150).all()


def test_the_same_size_costs_nothing():
    image = gradient(64, 32)
    assert cover(image, (64, 32)) is image
