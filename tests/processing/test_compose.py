"""The blend of whole pictures."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from eyeline.processing.compose import blend
from eyeline.processing.frame import I420Image
from eyeline.processing.pyramid import Pyramid
from eyeline.processing.refine import Matte, matte_of


def noise(seed: int, width_px: int, height_px: int) -> I420Image:
    random = np.random.default_rng(seed)
    return I420Image(width_px, height_px, random.integers(0, 256, width_px * height_px * 3 // 2, np.uint8))


def matte_with(image: I420Image, mask: NDArray[np.float32]) -> Matte:
    return matte_of(image, Pyramid(image), mask)


def middle() -> NDArray[np.float32]:
    mask = np.zeros((180, 320), np.float32)
    mask[60:120, 100:220] = 1
    return mask


@pytest.mark.parametrize("size", [(640, 360), (1280, 720)])
def test_inside_is_the_frame_and_outside_the_background_to_the_last_bit(size: tuple[int, int]):
    front, back = noise(1, *size), noise(2, *size)
    matte = matte_with(front, middle())
    result = blend(back, matte)
    assert np.array_equal(result.y[matte.plane == 255], front.y[matte.plane == 255])
    assert np.array_equal(result.y[matte.plane == 0], back.y[matte.plane == 0])
    quads = matte.plane.reshape(size[1] // 2, 2, size[0] // 2, 2)
    clear, opaque = (quads == 0).all(axis=(1, 3)), (quads == 255).all(axis=(1, 3))
    for plane, of_front, of_back in zip(result.planes[1:], front.planes[1:], back.planes[1:], strict=True):
        assert np.array_equal(plane[opaque], of_front[opaque])
        assert np.array_equal(plane[clear], of_back[clear])


def test_nobody_leaves_only_the_background():
    front, back = noise(1, 640, 360), noise(2, 640, 360)
    assert np.array_equal(blend(back, matte_with(front, np.zeros((180, 320), np.float32))).data, back.data)


def test_a_frame_before_itself_is_itself():
    front = noise(1, 640, 360)
    assert np.array_equal(blend(front, matte_with(front, middle())).data, front.data)


def test_arguments_stay_as_they_are():
    front, back = noise(1, 640, 360), noise(2, 640, 360)
    before = front.data.copy(), back.data.copy()
    blend(back, matte_with(front, middle()))
    assert np.array_equal(front.data, before[0])
    assert np.array_equal(back.data, before[1])


def test_different_sizes_are_refused():
    with pytest.raises(ValueError, match="cannot blend"):
        blend(noise(1, 640, 358), matte_with(noise(2, 640, 360), middle()))
