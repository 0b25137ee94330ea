"""Lifting a dark picture: gently, steadily, and not at all where it is bright."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from eyeline.processing.exposure import ExposureLift
from eyeline.processing.frame import I420Image
from eyeline.processing.segmenter import Mask


def person() -> Mask:
    mask = np.zeros((180, 320), np.float32)
    mask[:, 100:220] = 1
    return mask


def portrait(brightest: int, room: int = 30, seed: int = 1) -> I420Image:
    """A person of lumas from 16 up to `brightest`, in a room."""
    image = I420Image.filled(640, 360, (room, 120, 140))
    image.y[:, 200:440] = np.random.default_rng(seed).integers(16, brightest, (360, 240), endpoint=True)
    return image


def shoot(lift: ExposureLift, seconds: float, image: I420Image, mask: Mask, begin_s: float = 0.0) -> list[float]:
    """The strength after each frame."""
    strengths = []
    for number in range(round(seconds * 30)):
        lift.lifted(image)
        lift.meter(image, mask, begin_s + number / 30)
        strengths.append(lift.strength)
    return strengths


def test_a_dark_person_becomes_brighter_without_clipping():
    lift, image = ExposureLift(), portrait(80)
    assert lift.lifted(image) is image
    shoot(lift, 8, image, person())
    lifted = lift.lifted(image)
    assert 1.3 < lifted.y[:, 200:440].mean() / image.y[:, 200:440].mean() < 2
    assert lifted.y.max() < 150
    for plane, other in ((lifted.u, image.u), (lifted.v, image.v)):
        assert np.array_equal(plane, other)


def test_the_curve_keeps_black_white_and_order():
    lift = ExposureLift()
    shoot(lift, 20, portrait(40), person())
    levels = I420Image.filled(256, 2, (0, 128, 128))
    levels.y[:] = np.arange(256)
    lifted = lift.lifted(levels).y[0].astype(int)
    assert lifted[16] == 16
    assert lifted[235] == 235
    inside = lifted[16:236]
    assert (np.diff(inside) >= 0).all()
    assert (inside >= np.arange(16, 236)).all()
    assert np.diff(inside).max() <= 3
    assert lift.strength <= 1.6


@pytest.mark.parametrize("brightest", [140, 180, 235])
def test_a_bright_person_is_left_alone_whatever_the_room(brightest: int):
    for room in (16, 235):
        lift, image = ExposureLift(), portrait(brightest, room)
        assert not any(shoot(lift, 4, image, person()))
        assert lift.lifted(image) is image


def test_a_person_against_the_light_is_lifted_all_the_same():
    lift = ExposureLift()
    shoot(lift, 6, portrait(80, room=235), person())
    assert lift.strength > 0.5


def test_it_comes_and_goes_without_a_jump():
    lift = ExposureLift()
    path = shoot(lift, 8, portrait(70), person()) + shoot(lift, 8, portrait(200), person(), begin_s=8)
    assert max(path) > 0.8
    assert path[-1] == 0
    assert max(abs(after - before) for before, after in pairwise(path)) < 0.06


def test_noise_and_small_changes_move_nothing():
    lift = ExposureLift()
    shoot(lift, 12, portrait(70), person())
    settled = lift.strength
    for number in range(300):
        lift.meter(portrait(70 + number % 3, seed=number), person(), 12 + number / 30)
        assert abs(lift.strength - settled) < 0.02


@pytest.mark.parametrize("what", ["nobody", "black", "white"])
def test_where_there_is_nothing_to_measure_it_stays(what: str):
    lift = ExposureLift()
    shoot(lift, 12, portrait(70), person())
    settled = lift.strength
    image = {"nobody": portrait(200), "black": portrait(16), "white": portrait(70)}[what]
    mask = person() if what == "black" else np.zeros((180, 320), np.float32)
    assert shoot(lift, 20, image, mask, begin_s=12)[-1] == pytest.approx(settled, abs=0.05)


@pytest.mark.parametrize("size", [(2, 2), (16, 16), (322, 2), (3840, 2160)])
def test_pictures_of_every_shape_are_taken(size: tuple[int, int]):
    lift, image = ExposureLift(), I420Image.filled(*size, (50, 128, 128))
    for number in range(90):
        lift.meter(image, person(), number / 3)
    assert (lift.lifted(image).y > 60).all()


def test_a_clock_that_jumps_back_does_no_harm():
    lift = ExposureLift()
    shoot(lift, 3, portrait(70), person(), begin_s=1000)
    assert shoot(lift, 8, portrait(70), person(), begin_s=0)[-1] > 0.8
