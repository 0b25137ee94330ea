"""Matte and blend against the same in plain numpy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from eyeline.processing.frame import I420Image
from eyeline.processing.kernels.band_blend import MIXED, PERSON, ROOM, blend_planes, full_matte

LOW, HIGH = 0.2, 0.85


def noise(seed: int, width_px: int, height_px: int) -> I420Image:
    random = np.random.default_rng(seed)
    return I420Image(width_px, height_px, random.integers(0, 256, width_px * height_px * 3 // 2, np.uint8))


def some_lines(seed: int, rows: int, columns: int) -> NDArray[np.float32]:
    lines = np.random.default_rng(seed).normal(0, 0.6, (rows, columns, 4)).astype(np.float32)
    lines[..., 3] += 0.5
    return lines


def some_kinds(seed: int, rows: int, columns: int) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 3, (rows, columns)).astype(np.uint8)


def at_pairs(cells: int, pixels: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """For each pair of pixels: the two cells that its middle lies between, and how far it is to the second."""
    at = np.clip((np.arange(0, pixels, 2) + 1) * cells / pixels - 0.5, 0, cells - 1)
    first = at.astype(np.int64)
    return first, np.minimum(first + 1, cells - 1), at - first


def reference_matte(image: I420Image, lines: NDArray[np.float32], kinds: NDArray[np.uint8]) -> NDArray[np.float64]:
    rows, columns = kinds.shape
    upper, lower, down = at_pairs(rows, image.height_px)
    left, right, across = at_pairs(columns, image.width_px)
    wide = lines.astype(np.float64)
    wide = wide[upper] * (1 - down)[:, None, None] + wide[lower] * down[:, None, None]
    wide = wide[:, left] * (1 - across)[:, None] + wide[:, right] * across[:, None]
    pairs = wide[..., 1] * (image.u - 128.0) / 255 + wide[..., 2] * (image.v - 128.0) / 255 + wide[..., 3]
    twice = (2, 2)
    value = np.kron(wide[..., 0], np.ones(twice)) * (image.y - 128.0) / 255 + np.kron(pairs, np.ones(twice))
    ramp = np.clip((value - LOW) / (HIGH - LOW), 0, 1)
    matte = ramp**2 * (3 - 2 * ramp) * 255
    kind = kind_of_pixels(kinds, image)
    return np.where(kind == ROOM, 0, np.where(kind == PERSON, 255, matte))


def kind_of_pixels(kinds: NDArray[np.uint8], image: I420Image) -> NDArray[np.uint8]:
    rows, columns = kinds.shape
    at_row = np.minimum((np.arange(image.height_px) // 2 * 2 + 1) * rows // image.height_px, rows - 1)
    at_column = np.zeros(image.width_px, np.int64)
    for column in range(columns):
        at_column[column * image.width_px // columns // 2 * 2 :] = column
    return kinds[at_row][:, at_column]


SIZES = st.tuples(st.integers(1, 40), st.integers(1, 40)).map(lambda half: (half[0] * 2, half[1] * 2))


@given(st.integers(0, 2**31), SIZES)
@settings(deadline=None)
def test_the_matte_is_the_line_of_each_pixel_on_a_ramp(seed: int, size: tuple[int, int]):
    image = noise(seed, *size)
    shape = max(1, size[1] // 4), max(1, size[0] // 4)
    lines, kinds = some_lines(seed + 1, *shape), some_kinds(seed + 2, *shape)
    matte = np.full((size[1], size[0]), 77, np.uint8)
    full_matte(*image.planes, lines, kinds, LOW, HIGH, matte)
    assert np.abs(matte - reference_matte(image, lines, kinds)).max() <= 0.6


@given(st.integers(0, 2**31), SIZES)
@settings(deadline=None)
def test_the_blend_follows_the_matte_rounded_to_the_nearest(seed: int, size: tuple[int, int]):
    front, back, out = noise(seed, *size), noise(seed + 1, *size), noise(seed + 2, *size)
    shape = max(1, size[1] // 3), max(1, size[0] // 3)
    lines, kinds = some_lines(seed + 3, *shape), some_kinds(seed + 4, *shape)
    matte = np.empty((size[1], size[0]), np.uint8)
    full_matte(*front.planes, lines, kinds, LOW, HIGH, matte)
    blend_planes(*front.planes, *back.planes, lines, kinds, LOW, HIGH, *out.planes)
    alpha = matte / 255
    exact = front.y * alpha + back.y * (1 - alpha)
    assert np.abs(out.y - exact).max() <= 0.5 + 1e-9
    quads = matte.reshape(size[1] // 2, 2, size[0] // 2, 2).astype(int).sum(axis=(1, 3))
    small = (quads + 2) // 4 / 255
    for plane, before, behind in ((out.u, front.u, back.u), (out.v, front.v, back.v)):
        assert np.abs(plane - (before * small + behind * (1 - small))).max() <= 0.5 + 1e-9


@pytest.mark.parametrize("kind", [ROOM, PERSON])
def test_where_nothing_is_mixed_samples_are_copied(kind: int):
    front, back, out = noise(1, 64, 48), noise(2, 64, 48), noise(3, 64, 48)
    lines = np.full((12, 16, 4), np.nan, np.float32)  # not even looked at
    blend_planes(*front.planes, *back.planes, lines, np.full((12, 16), kind, np.uint8), LOW, HIGH, *out.planes)
    assert np.array_equal(out.data, (back if kind == ROOM else front).data)


def test_lines_beyond_the_ramp_are_exactly_room_or_person():
    front, back, out = noise(1, 64, 48), noise(2, 64, 48), noise(3, 64, 48)
    lines = np.zeros((12, 16, 4), np.float32)
    lines[:, :8, 3] = -3
    lines[:, 8:, 3] = 4
    blend_planes(*front.planes, *back.planes, lines, np.full((12, 16), MIXED, np.uint8), LOW, HIGH, *out.planes)
    assert np.array_equal(out.y[:, :28], back.y[:, :28])
    assert np.array_equal(out.y[:, 36:], front.y[:, 36:])


def test_what_is_read_stays_as_it_is():
    front, back, out = noise(1, 64, 48), noise(2, 64, 48), noise(3, 64, 48)
    lines, kinds = some_lines(1, 12, 16), some_kinds(1, 12, 16)
    before = [array.copy() for array in (front.data, back.data, lines, kinds)]
    blend_planes(*front.planes, *back.planes, lines, kinds, LOW, HIGH, *out.planes)
    for array, copy in zip((front.data, back.data, lines, kinds), before, strict=True):
        assert np.array_equal(array, copy)
