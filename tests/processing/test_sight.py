"""What is to be seen, in words."""

from __future__ import annotations

import numpy as np
import pytest
from picture_lab import room

from eyeline.processing.frame import I420Image
from eyeline.processing.pyramid import Pyramid
from eyeline.processing.sight import Sight, sight_of

SIZE = 640, 360


@pytest.mark.parametrize(
    ("image", "sight"),
    [
        (I420Image.from_bgr(room(*SIZE)), Sight.NOBODY),
        (I420Image.filled(*SIZE, (16, 128, 128)), Sight.DARK),
        (I420Image.filled(*SIZE, (235, 128, 128)), Sight.WHITE),
        (I420Image.filled(*SIZE, (120, 128, 128)), Sight.NOBODY),
        (I420Image.filled(2, 2, (16, 128, 128)), Sight.DARK),
    ],
)
def test_where_there_is_nobody_it_says_what_there_is(image: I420Image, sight: Sight):
    pyramid = Pyramid(image)
    assert sight_of(pyramid, np.zeros(pyramid.grid_size[::-1], np.float32)) is sight


def test_a_person_in_the_dark_is_a_person():
    pyramid = Pyramid(I420Image.filled(*SIZE, (18, 128, 128)))
    mask = np.zeros((180, 320), np.float32)
    mask[50:, 100:200] = 1
    assert sight_of(pyramid, mask) is Sight.PERSON


def test_a_speck_is_nobody():
    mask = np.zeros((180, 320), np.float32)
    mask[:8, :8] = 1
    assert sight_of(Pyramid(I420Image.from_bgr(room(*SIZE))), mask) is Sight.NOBODY
