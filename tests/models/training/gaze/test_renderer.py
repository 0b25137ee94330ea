from __future__ import annotations

import numpy as np
import pytest

from eyeline.models.training.gaze.camera import as_planes, developed, transmitted
from eyeline.models.training.gaze.conditions import Conditions
from eyeline.models.training.gaze.identity import EyeIdentity
from eyeline.models.training.gaze.renderer import Placing, draw_eye, draw_scene


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


def test_conditions_are_those_of_their_seed():
    skin = (0.7, 0.5, 0.4)
    scenes = [
        draw_scene(EyeIdentity.of(2), Conditions.of(seed, skin), (4, 4), Placing((64, 48), 40.0, fine=1))
        for seed in (3, 3, 4)
    ]
    assert np.array_equal(scenes[0].image, scenes[1].image)
    assert not np.array_equal(scenes[0].image, scenes[2].image)


def test_a_turned_head_moves_the_eyeball_behind_the_corners():
    who = EyeIdentity.of(5)
    ahead, turned = (
        draw_scene(who, Conditions(head_degrees=head), (0, 0), Placing((64, 48), 40.0)) for head in ((0, 0), (25, 0))
    )
    assert turned.centre[0] < ahead.centre[0] - 2, "what lies behind goes the other way"
    assert turned.radius_px > ahead.radius_px, "corners come nearer to each other, the iris stays"
    assert np.allclose(turned.iris, turned.centre, atol=1e-4), "0, 0 still looks into the camera"


def test_covers_glasses_and_glare_do_not_move_with_the_eye():
    cover = np.array([(-1, 0, 1, 0, 0.08, 0.01, 0.1, 0.9, 0.1)], np.float32)
    glare = np.array([(0.3, 0.2, 0.1, 0.1, 0.0, 1.0)], np.float32)
    for where in (
        Conditions(covers=cover),
        Conditions(glasses=(0.0, 0.0, 0.3, 0.3, 0.1, 0.0, 0.0)),
        Conditions(glares=glare),
    ):
        left, right = (
            draw_scene(EyeIdentity.of(1), where, (yaw, 0), Placing((64, 48), 40.0)).image for yaw in (-20, 20)
        )
        plain = draw_scene(EyeIdentity.of(1), Conditions(), (-20, 0), Placing((64, 48), 40.0)).image
        hidden = np.abs(left - plain).max(axis=2) > 0.25
        assert hidden.sum() > 20
        assert np.abs(left - right)[hidden].mean() < 0.05


def test_a_camera_adds_noise_and_compression_alone():
    image = np.full((48, 64, 3), 0.5, np.float32)
    rough = Conditions(noise=0.03, quality=30)
    random = np.random.default_rng(0)
    clean, noisy = as_planes(image), transmitted(image, rough, random)
    assert clean.shape == noisy.shape == (72, 64)
    assert np.array_equal(transmitted(image, Conditions(), random), clean)
    assert 0.5 < np.abs(noisy[:48].astype(int) - clean[:48]).mean() < 12
    spot = image.copy()
    spot[24, 32] = 1.0
    assert developed(spot, Conditions(blur_px=1.5), 40.0).max() < 0.7
    assert developed(spot, Conditions(), 40.0).max() == 1.0
