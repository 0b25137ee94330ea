from __future__ import annotations

import numpy as np
import pytest

from eyeline.models.training.gaze.identity import EyeIdentity
from eyeline.models.training.gaze.renderer import draw_eye


def test_the_same_seed_draws_the_same_eye():
    one, other = (draw_eye(EyeIdentity.of(3), (5, -4)) for _ in range(2))
    assert np.array_equal(one.image, other.image)
    assert not np.array_equal(one.image, draw_eye(EyeIdentity.of(4), (5, -4)).image)


@pytest.mark.parametrize("seed", range(12))
def test_the_iris_is_drawn_where_it_is_said_to_be(seed):
    who = EyeIdentity.of(seed)
    for gaze in ((0, 0), (20, 0), (-20, -8)):
        eye = draw_eye(who, gaze, size_px=(128, 80), eye_width_px=72)
        x, y = np.rint(eye.iris).astype(int)
        around = eye.image[y - 4 : y + 5, x - 4 : x + 5].mean(axis=2)
        beside = round(float(eye.iris[0] - np.sign(gaze[0] or 1) * 1.6 * eye.radius_px))
        white = eye.image[y - 4 : y + 5, beside - 2 : beside + 3].mean(axis=2)
        assert around.min() < 0.5 * white.max(), "the pupil is dark, and the white beside it is not"
        assert eye.image.min() >= 0
        assert eye.image.max() <= 1


def test_looking_down_lowers_lids_and_iris():
    who = EyeIdentity.of(1)
    ahead, down = draw_eye(who, (0, 0)), draw_eye(who, (0, -18))
    assert down.iris[1] > ahead.iris[1] + 2
    assert down.upper[4, 1] > ahead.upper[4, 1] + 1
    assert np.allclose(down.upper[[0, -1]], ahead.upper[[0, -1]], atol=0.01), "corners stay"
    assert np.allclose(ahead.iris, ahead.centre, atol=1e-4), "0, 0 looks into the camera"


def test_identities_are_as_different_as_people():
    skins = np.array([EyeIdentity.of(seed).skin for seed in range(60)]).mean(axis=1)
    assert skins.min() < 0.35
    assert skins.max() > 0.75
