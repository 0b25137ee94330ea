"""The blend, sample by sample."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyeline.processing.compose import blend
from eyeline.processing.frame import I420Image
from eyeline.processing.refine import Matte


def noise(seed: int, width_px: int, height_px: int) -> I420Image:
    random = np.random.default_rng(seed)
    return I420Image(width_px, height_px, random.integers(0, 256, width_px * height_px * 3 // 2, np.uint8))


@given(st.integers(0, 2**32), st.integers(1, 40), st.integers(1, 40))
def test_the_blend_is_rounded_to_the_nearest(seed: int, half_width: int, half_height: int):
    size = half_width * 2, half_height * 2
    front, back, alpha = (noise(seed + n, *size) for n in range(3))
    result = blend(front, back, Matte(*size, alpha.data))
    weight = alpha.data.astype(float) / 255
    exact = front.data * weight + back.data * (1 - weight)
    assert np.abs(result.data - exact).max() <= 0.5 + 1e-9


def test_every_combination_of_extremes_is_exact():
    size = 640, 480  # more samples than one strip holds
    front, back, alpha = noise(1, *size), noise(2, *size), noise(3, *size)
    alpha.data[::2] = 255
    alpha.data[1::4] = 0
    result = blend(front, back, Matte(*size, alpha.data))
    assert np.array_equal(result.data[alpha.data == 255], front.data[alpha.data == 255])
    assert np.array_equal(result.data[alpha.data == 0], back.data[alpha.data == 0])
    assert np.array_equal(blend(front, front, Matte(*size, alpha.data)).data, front.data)


def test_arguments_stay_as_they_are():
    front, back, alpha = noise(1, 8, 8), noise(2, 8, 8), noise(3, 8, 8)
    before = [image.data.copy() for image in (front, back, alpha)]
    blend(front, back, Matte(8, 8, alpha.data))
    for image, data in zip((front, back, alpha), before, strict=True):
        assert np.array_equal(image.data, data)


def test_different_sizes_are_refused():
    with pytest.raises(ValueError, match="cannot blend"):
        blend(noise(1, 8, 8), noise(2, 8, 6), Matte(8, 8, noise(3, 8, 8).data))
    with pytest.raises(ValueError, match="cannot blend"):
        blend(noise(1, 8, 8), noise(2, 8, 8), Matte(8, 6, noise(3, 8, 6).data))
