"""The drawn backgrounds: the same each time, at any size, free of bands, calm behind the person."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from eyeline.processing.art import PAINTERS, painted

NAMES = sorted(PAINTERS)


def blurred(bgr: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(bgr.astype(np.float32), (0, 0), 6)


def test_there_are_enough_of_them():
    assert len(NAMES) >= 8


@pytest.mark.parametrize("name", NAMES)
def test_drawing_is_the_same_each_time_and_free_of_bands(name: str):
    bgr = painted(name, (640, 360))
    assert bgr.shape == (360, 640, 3)
    assert bgr.dtype == np.uint8
    assert np.array_equal(bgr, painted(name, (640, 360)))
    assert not (np.ptp(bgr.astype(np.int16), axis=1) == 0).all(axis=1).any()
    assert ((bgr > 0) & (bgr < 255)).mean() > 0.97


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [(320, 240), (160, 320), (2, 2), (640, 180)])
def test_every_shape_can_be_drawn(name: str, size: tuple[int, int]):
    assert painted(name, size).shape == (size[1], size[0], 3)


@pytest.mark.parametrize("name", NAMES)
def test_a_narrower_picture_is_the_middle_of_a_wider_one(name: str):
    """So that nothing moves when a background is first shown cut and then drawn anew."""
    wide, narrow = painted(name, (640, 360)), painted(name, (480, 360))
    np.testing.assert_allclose(blurred(wide[:, 80:-80])[:, 40:-40], blurred(narrow)[:, 40:-40], atol=20)


@pytest.mark.parametrize("name", NAMES)
def test_the_middle_is_out_of_focus(name: str):
    """No edge behind the person is as sharp as the person's own."""
    luma = cv2.cvtColor(painted(name, (1280, 720)), cv2.COLOR_BGR2GRAY).astype(np.float32)
    smooth = cv2.GaussianBlur(luma, (0, 0), 1.5)
    steps = np.abs(np.diff(smooth[100:500, 440:840], axis=1))
    assert np.percentile(steps, 99.5) < 16
