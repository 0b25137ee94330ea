"""Shapes and light."""

from __future__ import annotations

import numpy as np
import pytest

from eyeline.processing.art.canvas import Canvas, rectangle, rgb, ridge


def test_places_are_in_heights_from_the_middle():
    canvas = Canvas((160, 100))
    mask = canvas.shapes([rectangle(-0.2, 0.3, 0.2, 0.7)])
    rows, columns = np.nonzero(mask > 0.5)
    assert (rows.min(), rows.max()) == pytest.approx((30, 69), abs=1)
    assert (columns.min(), columns.max()) == pytest.approx((60, 99), abs=1)


def test_light_never_goes_beyond_white_and_shade_never_below_black():
    canvas = Canvas((40, 30))
    canvas.sky((0.0, rgb(0x102030)), (1.0, rgb(0xF0F0F0)))
    for _ in range(20):
        canvas.light(rgb(0xFFFFFF), canvas.glow(0, 0.5, 0.5))
    assert canvas.pixels.max() <= 255
    canvas.shade(np.ones((30, 40), np.float32))
    assert canvas.pixels.min() == 0


def test_defocus_makes_a_disc_of_a_point_and_keeps_its_light():
    canvas = Canvas((101, 101))
    canvas.pixels[50, 50] = 255
    canvas.defocus(0.1)
    lit = canvas.pixels[..., 0] > canvas.pixels[50, 50, 0] / 2
    assert np.ptp(np.nonzero(lit.any(axis=0))[0]) == pytest.approx(20, abs=3)
    assert np.sum((canvas.pixels[..., 0] / 255) ** 2.2) == pytest.approx(1, rel=0.1)
    assert canvas.pixels[50, 50, 0] == pytest.approx(canvas.pixels[46, 50, 0], rel=0.1)


def test_noise_lies_in_the_same_places_at_every_size():
    small, large = Canvas((160, 90)), Canvas((640, 360))
    coarse, fine = small.noise(3, 0.3), large.noise(3, 0.3)
    assert 0 <= fine.min() < fine.max() <= 1
    np.testing.assert_allclose(coarse[10:-10, 10:-10], fine[2::4, 2::4][10:-10, 10:-10], atol=0.05)


def test_a_ridge_stays_around_its_level():
    line = ridge(level=0.6, height=0.1, seed=3)(np.linspace(-1, 1, 500, dtype=np.float32)[None])
    assert np.abs(line - 0.6).max() < 0.11
    assert np.ptp(line) > 0.04
