from __future__ import annotations

import math

import numpy as np
import pytest

from eyeline.processing.frame import I420Image
from eyeline.processing.gaze.region import Region


def blob(x: float, y: float, sigma_px: float, size: tuple[int, int] = (640, 480)) -> I420Image:
    """A bright spot whose middle is at a place, counted from the corner of the first pixel."""
    rows, columns = np.mgrid[: size[1], : size[0]] + 0.5
    grey = 40 + 200 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * sigma_px**2))
    return I420Image.from_bgr(np.repeat(np.rint(grey).astype(np.uint8)[..., None], 3, axis=2))


@pytest.mark.parametrize("side_px", [60.0, 130.0, 400.0, 900.0])
@pytest.mark.parametrize("roll", [0.0, 0.4, -1.0])
@pytest.mark.parametrize("mirrored", [False, True])
def test_what_a_net_points_at_is_found_in_the_frame(side_px, roll, mirrored):
    """The way in and the way out are the same, at every scale: half a pixel would be half a degree of gaze."""
    region = Region(300.0, 220.0, side_px, roll, mirrored)
    tensor = np.zeros((1, 64, 64, 3), np.float32)
    region.fill(blob(310.0, 212.0, max(6.0, side_px / 16)), tensor)
    grey = tensor[0, ..., 1] - tensor[0, ..., 1].min()
    bright = np.where(grey > grey.max() / 2, grey, 0)
    rows, columns = np.mgrid[:64, :64] + 0.5
    seen = np.array([[(bright * columns).sum(), (bright * rows).sum()]], np.float32) / bright.sum()
    placed = region.to_frame(seen, 64)[0]
    assert placed == pytest.approx([310.0 - 0.5, 212.0 - 0.5], abs=max(0.3, side_px / 64 * 0.12))


def test_beyond_the_frame_is_black_and_colours_are_right():
    image = I420Image.from_bgr(np.full((100, 100, 3), (30, 60, 200), np.uint8))
    tensor = np.ones((1, 64, 64, 3), np.float32)
    Region(0.0, 50.0, 100.0).fill(image, tensor, -1.0, 1.0)
    assert tensor[0, 32, 8] == pytest.approx([-1, -1, -1], abs=0.02)
    assert tensor[0, 32, 56] == pytest.approx(np.array([200, 60, 30]) / 127.5 - 1, abs=0.03)
    Region(5000.0, 50.0, 400.0).fill(image, tensor)
    assert tensor.max() == pytest.approx(0, abs=0.02)


def test_depth_is_scaled_with_the_rest():
    points = Region(10, 20, 96.0, math.pi / 2).to_frame(np.array([[32.5, 32.5, 4.0]], np.float32), 64)
    assert points[0] == pytest.approx([9.25, 20.75, 6.0], abs=0.01)
