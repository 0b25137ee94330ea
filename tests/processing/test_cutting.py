"""Cutting and mirroring, to the sample."""

from __future__ import annotations

import numpy as np
import pytest

from eyeline.processing.box import Box
from eyeline.processing.cutting import crop_box, cut, mirrored, part
from eyeline.processing.frame import I420Image
from eyeline.processing.framing_spec import Crop


def noise(width_px: int, height_px: int) -> I420Image:
    data = np.random.default_rng(3).integers(0, 255, width_px * height_px * 3 // 2, np.uint8)
    return I420Image(width_px, height_px, data)


def test_what_is_not_asked_for_is_not_done():
    image = noise(64, 36)
    assert cut(image, None, mirror=False) is image
    assert part(image, Box.whole(64, 36)) is image
    assert cut(image, Crop(0, 0, 100, 100), mirror=False) is image


def test_mirrored_twice_is_the_same():
    image = noise(64, 36)
    once = mirrored(image)
    for plane, other in zip(image.planes, once.planes, strict=True):
        assert np.array_equal(plane[:, ::-1], other)
    assert np.array_equal(mirrored(once).data, image.data)


def test_a_part_holds_the_samples_of_that_part():
    image = noise(64, 36)
    inner = part(image, Box(8, 4, 40, 30))
    assert inner.size == (32, 26)
    assert np.array_equal(inner.y, image.y[4:30, 8:40])
    assert np.array_equal(inner.u, image.u[2:15, 4:20])
    assert np.array_equal(inner.v, image.v[2:15, 4:20])


def test_mirror_and_crop_together_show_the_crop_of_the_camera():
    image = noise(64, 36)
    both = cut(image, Crop(50, 0, 50, 100), mirror=True)
    assert np.array_equal(both.y, image.y[:, 32:][:, ::-1])


@pytest.mark.parametrize("size", [(2, 2), (4, 2), (16, 16), (322, 182), (1280, 720)])
@pytest.mark.parametrize("crop", [Crop(0, 0, 20, 20), Crop(80, 80, 20, 20), Crop(33, 11, 34, 57), Crop(7, 13, 93, 87)])
def test_never_more_than_was_asked_for(size: tuple[int, int], crop: Crop):
    box = crop_box(crop, *size)
    assert all(side % 2 == 0 for side in (box.left_px, box.top_px, box.right_px, box.bottom_px))
    assert 0 <= box.left_px < box.right_px <= size[0]
    assert 0 <= box.top_px < box.bottom_px <= size[1]
    for begin_px, after_px, first, share, length_px in (
        (box.left_px, box.right_px, crop.left, crop.width, size[0]),
        (box.top_px, box.bottom_px, crop.top, crop.height, size[1]),
    ):
        if after_px - begin_px > 2:
            assert begin_px >= first * length_px / 100
            assert after_px <= (first + share) * length_px / 100
