"""The blurred room."""

from __future__ import annotations

import numpy as np
import pytest

from eyeline.processing import blur
from eyeline.processing.frame import I420Image
from eyeline.processing.pyramid import Pyramid
from eyeline.processing.segmenter import Mask

NOBODY = np.zeros((18, 32), np.float32)


def blurred_room(image: I420Image, mask: Mask, strength: int) -> I420Image:
    return blur.blurred_room(image, Pyramid(image), mask, strength)


def checkerboard(width_px: int, height_px: int, cell_px: int) -> I420Image:
    image = I420Image.filled(width_px, height_px, (0, 128, 128))
    rows, columns = np.mgrid[:height_px, :width_px] // cell_px
    image.y[:] = np.where((rows + columns) % 2, 210, 40)
    return image


def contrast(image: I420Image) -> float:
    return float(image.y.astype(float).std())


@pytest.mark.parametrize("size", [(1280, 720), (640, 360), (360, 640), (426, 240), (1920, 1080)])
def test_more_strength_leaves_less_contrast(size: tuple[int, int]):
    image = checkerboard(*size, cell_px=min(size) // 18)
    left = [contrast(blurred_room(image, NOBODY, strength)) for strength in (0, 25, 50, 75, 100)]
    assert left[0] == contrast(image)
    assert left == sorted(left, reverse=True)
    assert left[2] < 0.7 * left[0]
    assert left[4] < 0.02 * left[0]


def test_a_fine_pattern_is_gone_at_the_usual_strength():
    image = checkerboard(1280, 720, cell_px=16)
    assert contrast(blurred_room(image, NOBODY, 60)) < 0.02 * contrast(image)


def test_at_full_strength_shapes_cannot_be_told():
    image = I420Image.filled(1280, 720, (180, 128, 128))
    image.y[200:500, 300:420] = 20  # a bookcase
    steepest = np.abs(np.diff(blurred_room(image, NOBODY, 100).y.astype(int), axis=1)).max()
    assert steepest <= 2


def test_strength_0_is_no_blur_at_all():
    image = checkerboard(64, 64, 4)
    assert np.array_equal(blurred_room(image, NOBODY, 0).data, image.data)


@pytest.mark.parametrize("strength", [-1, 101])
def test_a_strength_that_is_none_is_refused(strength: int):
    with pytest.raises(ValueError, match="strength"):
        blurred_room(checkerboard(64, 64, 4), NOBODY, strength)


def test_the_persons_colours_do_not_run_into_the_room():
    image = I420Image.filled(640, 360, (40, 110, 120))
    mask = np.zeros((36, 64), np.float32)
    mask[9:27, 20:44] = 1
    person = np.s_[90:270, 200:440]
    image.y[person] = 235
    image.u[45:135, 100:220] = 200
    room = blurred_room(image, mask, 60)
    beside = np.s_[100:260, 450:500]
    assert np.abs(room.y[beside].astype(int) - 40).max() <= 2
    assert np.abs(room.u[50:130, 225:250].astype(int) - 110).max() <= 2
    plain = blurred_room(image, np.zeros_like(mask), 60)
    assert (plain.y[100:260, 450:460].astype(int) - 40).max() > 30  # what the halo would be


@pytest.mark.parametrize("size", [(2, 2), (16, 2), (2, 64), (50, 38)])
def test_tiny_frames_and_flat_colours_keep_their_colour(size: tuple[int, int]):
    for mask in (NOBODY, np.ones((18, 32), np.float32)):
        for strength in (1, 60, 100):
            room = blurred_room(I420Image.filled(*size, (90, 60, 200)), mask, strength)
            assert [int(plane.min()) for plane in room.planes] == [90, 60, 200]
            assert [int(plane.max()) for plane in room.planes] == [90, 60, 200]
