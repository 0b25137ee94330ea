"""Each against the same thing said with numpy."""

from __future__ import annotations

import numpy as np
import pytest

from eyeline.processing.kernels.face_geometry import (
    below_corners,
    head_axes,
    lid_heights,
    opening_px,
    place_points,
    turned_bounds,
)
from eyeline.processing.kernels.tensor_values import spread
from eyeline.processing.kernels.warm_up import warm_up_gaze


@pytest.fixture(autouse=True, scope="module")
def compiled():
    warm_up_gaze()


def random_points(*shape: int) -> np.ndarray:
    return np.random.default_rng(2).uniform(-40, 60, shape).astype(np.float32)


@pytest.mark.parametrize("columns", [2, 3])
def test_points_are_placed(columns):
    points, matrix = random_points(30, columns), random_points(2, 3) / 20
    placed = np.empty_like(points)
    place_points(points, matrix, 1.5, placed)
    assert placed[:, :2] == pytest.approx((points[:, :2] - 0.5) @ matrix[:, :2].T + matrix[:, 2], abs=1e-3)
    if columns == 3:
        assert placed[:, 2] == pytest.approx(points[:, 2] * 1.5, abs=1e-4)


def test_bounds_in_turned_axes():
    points, bounds = random_points(50, 3), np.empty(4, np.float32)
    turned_bounds(points, np.cos(0.3), np.sin(0.3), bounds)
    turned = points[:, :2] @ np.array([[np.cos(0.3), -np.sin(0.3)], [np.sin(0.3), np.cos(0.3)]])
    assert bounds == pytest.approx([*turned.min(axis=0), *turned.max(axis=0)], abs=1e-3)


def test_axes_of_a_head_are_square_to_each_other():
    right, left, top, bottom = random_points(4, 3)
    axes = np.empty((3, 3), np.float32)
    length = head_axes(right, left, top, bottom, axes)
    assert length == pytest.approx(float(np.linalg.norm(left - right)), rel=1e-5)
    assert axes @ axes.T == pytest.approx(np.eye(3), abs=1e-4)
    assert axes[0] == pytest.approx((left - right) / length, abs=1e-5)
    assert axes[2] == pytest.approx(np.cross(axes[0], axes[1]), abs=1e-5)
    assert float(axes[1] @ (bottom - top)) > 0


def test_opening_of_an_eye():
    x = np.linspace(0, 40, 9, dtype=np.float32)
    arch = np.sin(np.linspace(0, np.pi, 9)).astype(np.float32)
    upper, lower = np.stack((x, -6 * arch), axis=1), np.stack((x, 4 * arch), axis=1)
    wanted = 10 * np.sort(arch)[-3:].mean()
    assert opening_px(upper, lower) == pytest.approx(wanted, abs=1e-3)
    turn = np.array([[np.cos(0.5), np.sin(0.5)], [-np.sin(0.5), np.cos(0.5)]], np.float32)
    assert opening_px(upper @ turn, lower @ turn) == pytest.approx(wanted, abs=1e-3)


@pytest.mark.parametrize("backwards", [False, True])
def test_a_lid_as_heights(backwards):
    points = np.stack((np.linspace(80, 120, 9), 50 - 8 * np.sin(np.linspace(0, np.pi, 9))), axis=1).astype(np.float32)
    heights = np.empty(33, np.float32)
    middle = np.array([100, 50], np.float32)
    lid_heights(points[::-1].copy() if backwards else points, middle, np.eye(2, dtype=np.float32), 20.0, heights)
    places = np.linspace(-20, 20, 33)
    plain = np.interp(places, points[:, 0] - 100, points[:, 1] - 50)
    wanted = plain.copy()
    wanted[1:-1] = plain[1:-1] / 2 + (plain[:-2] + plain[2:]) / 4
    assert heights == pytest.approx(wanted, abs=1e-3)


def test_pixels_are_spread_over_a_range():
    rgb = np.random.default_rng(1).integers(0, 256, (8, 8, 3), np.uint8)
    out = np.empty((1, 8, 8, 3), np.float32)
    spread(rgb, -1.0, 1.0, out)
    assert out[0] == pytest.approx(rgb / 127.5 - 1, abs=1e-5)


@pytest.mark.parametrize("roll", [0.0, 0.4, -0.7])
@pytest.mark.parametrize("backwards", [False, True])
def test_places_below_the_corners(roll, backwards):
    """Whichever corner comes first, and whichever way is down."""
    across = np.linspace(-20, 20, 9, dtype=np.float32)
    arch = 1 - (across / 20) ** 2
    upper, lower = np.stack((across, -8 * arch), axis=1), np.stack((across, 5 * arch), axis=1)
    iris = np.array([[7.5, -1.5]])
    turn = np.array([[np.cos(roll), np.sin(roll)], [-np.sin(roll), np.cos(roll)]])
    upper, lower, iris = ((points @ turn + (300, 200)).astype(np.float32) for points in (upper, lower, iris))
    if backwards:
        upper, lower = upper[::-1].copy(), lower[::-1].copy()
    below = np.empty(3, np.float32)
    below_corners(upper, lower, iris[0], roll, below)
    between = (arch[5] + arch[6]) / 2
    assert below == pytest.approx([-1.5, -8 * between, 5 * between], abs=1e-3)


def test_an_iris_beyond_a_corner_has_the_lids_of_the_corner():
    upper = np.array([(0, 0), (5, -4), (10, 0)], np.float32)
    lower = np.array([(0, 0), (5, 3), (10, 2)], np.float32)
    below = np.empty(3, np.float32)
    for x, wanted in ((-3.0, [1.0, -1.0, -1.0]), (14.0, [1.0, -1.0, 1.0])):
        below_corners(upper, lower, np.array([x, 2], np.float32), 0.0, below)
        assert below == pytest.approx(wanted, abs=1e-4)
