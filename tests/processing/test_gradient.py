"""Gradients run where they are told to, without bands."""

from __future__ import annotations

import numpy as np
import pytest

from eyeline.processing.gradient import dithered, gradient

RED, BLUE = (200, 20, 20), (20, 20, 200)


@pytest.mark.parametrize(
    ("degrees", "first", "last"),
    [
        (180, (0, 50), (-1, 50)),
        (0, (-1, 50), (0, 50)),
        (90, (30, 0), (30, -1)),
        (135, (0, 0), (-1, -1)),
        (45, (-1, 0), (0, -1)),
    ],
)
def test_the_angle_is_that_of_css(degrees: int, first: tuple[int, int], last: tuple[int, int]):
    bgr = gradient([RED, BLUE], degrees, (100, 60))
    np.testing.assert_allclose(bgr[first], RED[::-1], atol=12)
    np.testing.assert_allclose(bgr[last], BLUE[::-1], atol=12)


def test_colours_mix_as_light_does():
    middle = gradient([(255, 0, 0), (0, 255, 0)], 90, (101, 10))[5, 50]
    assert middle[1] == pytest.approx(middle[2], abs=6)
    assert middle[2] == pytest.approx(255 * 0.5 ** (1 / 2.2), abs=6)  # 186: not the mud of 128


def test_every_colour_is_reached():
    bgr = gradient([RED, BLUE, RED], 90, (201, 10))
    np.testing.assert_allclose(bgr[5, 100], BLUE[::-1], atol=6)
    np.testing.assert_allclose(bgr[5, 0], RED[::-1], atol=6)


def test_steps_are_hidden_and_the_same_each_time():
    one = gradient([(30, 30, 30), (34, 34, 34)], 180, (300, 300))
    assert np.array_equal(one, gradient([(30, 30, 30), (34, 34, 34)], 180, (300, 300)))
    assert (np.ptp(one.astype(np.int16), axis=1) > 0).all()


def test_noise_has_no_repeat_at_its_seams():
    flat = dithered(np.full((1100, 1100, 3), 100.0, np.float32), 1.0).astype(np.float32)[..., 0] - 100
    assert abs(np.corrcoef(flat[:512, :512].ravel(), flat[:512, 512:1024].ravel())[0, 1]) < 0.05
    assert flat.std() == pytest.approx(1.04, abs=0.1)
