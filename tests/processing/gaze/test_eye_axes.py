from __future__ import annotations

import numpy as np
import pytest

from eyeline.processing.frame import I420Image
from eyeline.processing.gaze.estimate import Eye, Visibility
from eyeline.processing.gaze.eye_axes import EyeAxes
from eyeline.processing.gaze.face_nets import EyePoints


def eye(first: tuple[float, float], last: tuple[float, float]) -> Eye:
    lower = np.linspace(first, last, 9, dtype=np.float32)
    centre = lower.mean(axis=0)
    return Eye(EyePoints(lower, lower, np.repeat(centre[None], 5, axis=0)), centre, 8.0, 0.3, Visibility(80, 0, 15, 0))


def test_a_tilted_eye_has_its_own_across_and_down():
    for ends in (((60, 40), (100, 70)), ((100, 70), (60, 40))):  # the person's right eye, and the left one
        axes = EyeAxes(eye(*ends))
        assert axes.width_px == pytest.approx(50)
        assert axes.middle_px == pytest.approx([80, 55])
        assert axes.turned(np.array([40, 30], np.float32)) == pytest.approx([50, 0], abs=1e-4)
        assert axes.turned(np.array([[-3, 4], [0.8, 0.6]], np.float32)) == pytest.approx(
            np.array([[0, 5], [1, 0]]), abs=1e-5
        )


def test_a_box_is_around_its_turned_corners_and_even():
    box = EyeAxes(eye((60, 40), (100, 70))).box(I420Image.empty(200, 160), (-25, 25), (-10, 20))
    corners = np.array([(66, 32), (106, 62), (48, 56), (88, 86)])  # by hand: sine 0.6, cosine 0.8
    assert corners.min(axis=0)[0] >= box.left >= 46
    assert corners.min(axis=0)[1] >= box.top >= 30
    assert corners.max(axis=0)[0] < box.right <= 110
    assert corners.max(axis=0)[1] < box.bottom <= 90
    assert all(value % 2 == 0 for value in (box.left, box.top, box.right, box.bottom))


def test_a_box_ends_with_the_frame():
    box = EyeAxes(eye((-30, 10), (100, 10))).box(I420Image.empty(64, 48), (-65, 65), (-30, 60))
    assert (box.left, box.top, box.right, box.bottom) == (0, 0, 64, 48)


def test_corners_in_one_place_are_no_division_by_nothing():
    axes = EyeAxes(eye((50, 50), (50, 50)))
    assert axes.width_px > 0
    assert np.isfinite(axes.matrix).all()
