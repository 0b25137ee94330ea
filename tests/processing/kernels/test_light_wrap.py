"""Light laid over a picture against the same in plain numpy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from eyeline.processing.frame import I420Image
from eyeline.processing.kernels.light_wrap import lay_light


def noise(seed: int, width_px: int, height_px: int) -> I420Image:
    random = np.random.default_rng(seed)
    return I420Image(width_px, height_px, random.integers(0, 256, width_px * height_px * 3 // 2, np.uint8))


def some_light(seed: int, rows: int, columns: int) -> NDArray[np.float32]:
    random = np.random.default_rng(seed)
    light = random.uniform(0, 1, (rows, columns, 4)).astype(np.float32)
    light[..., 1:] *= light[..., :1] * 255
    return light


def at_pairs(cells: int, pixels: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    at = np.clip((np.arange(0, pixels, 2) + 1) * cells / pixels - 0.5, 0, cells - 1)
    first = at.astype(np.int64)
    return first, np.minimum(first + 1, cells - 1), at - first


def reference(image: I420Image, light: NDArray[np.float32], lit: NDArray[np.uint8]) -> list[NDArray[np.float64]]:
    rows, columns = lit.shape
    upper, lower, down = at_pairs(rows, image.height_px)
    left, right, across = at_pairs(columns, image.width_px)
    wide = light.astype(np.float64)
    wide = wide[upper] * (1 - down)[:, None, None] + wide[lower] * down[:, None, None]
    wide = wide[:, left] * (1 - across)[:, None] + wide[:, right] * across[:, None]
    at_row = np.minimum((np.arange(0, image.height_px, 2) + 1) * rows // image.height_px, rows - 1)
    at_column = np.zeros(image.width_px, np.int64)
    for column in range(columns):
        at_column[column * image.width_px // columns // 2 * 2 :] = column
    where = lit[at_row][:, at_column[::2]] > 0
    twice = np.ones((2, 2))
    y = np.kron(1 - wide[..., 0], twice) * image.y + np.kron(wide[..., 1], twice)
    chroma = [(1 - wide[..., 0]) * plane + wide[..., 2 + index] for index, plane in enumerate((image.u, image.v))]
    return [
        np.where(np.kron(where, twice) > 0, np.maximum(image.y, y), image.y),
        *(np.where(where, new, plane) for new, plane in zip(chroma, (image.u, image.v), strict=True)),
    ]


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 1000),
    rows=st.integers(1, 9),
    columns=st.integers(1, 16),
    height=st.integers(1, 20),
    width=st.integers(1, 30),
)
def test_it_is_what_numpy_says(seed: int, rows: int, columns: int, height: int, width: int):
    image = noise(seed, 2 * max(width, columns), 2 * max(height, rows))
    light = some_light(seed, rows, columns)
    lit = np.random.default_rng(seed).integers(0, 2, (rows, columns)).astype(np.uint8)
    expected = reference(image, light, lit)
    lay_light(light, lit, *image.planes)
    for found, wanted in zip(image.planes, expected, strict=True):
        assert np.abs(found - wanted).max() <= 0.51


@pytest.mark.parametrize("lit", [0, 1])
def test_no_light_changes_no_sample(lit: int):
    image = noise(3, 64, 36)
    before = image.data.copy()
    light = np.zeros((9, 16, 4), np.float32) if lit else some_light(1, 9, 16)
    lay_light(light, np.full((9, 16), lit, np.uint8), *image.planes)
    assert np.array_equal(image.data, before)
