"""The guided filter's passes against the same in plain numpy."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from eyeline.processing.kernels.guided_filter import box_means, local_lines

EPSILON = 1e-3


def mean(values: NDArray[np.float64], radius: int) -> NDArray[np.float64]:
    """Over the part of the box that lies inside."""
    size = 2 * radius + 1, 2 * radius + 1

    def total(of: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(cv2.boxFilter(of, -1, size, normalize=False, borderType=cv2.BORDER_CONSTANT), np.float64)

    return total(values) / total(np.ones(values.shape[:2]))


def reference_lines(
    planes: tuple[NDArray[np.uint8], ...], mask: NDArray[np.float32], radius: int
) -> NDArray[np.float64]:
    colors = np.stack([(plane.astype(np.float64) - 128) / 255 for plane in planes], axis=-1)
    p = mask.astype(np.float64)
    lines = np.zeros((*mask.shape, 4))
    mean_p = mean(p, radius)
    mean_colors = np.stack([mean(colors[..., c], radius) for c in range(3)], axis=-1)
    with_p = np.stack([mean(colors[..., c] * p, radius) for c in range(3)], axis=-1) - mean_colors * mean_p[..., None]
    spread = np.zeros((*mask.shape, 3, 3))
    for a in range(3):
        for b in range(3):
            spread[..., a, b] = (
                mean(colors[..., a] * colors[..., b], radius) - mean_colors[..., a] * mean_colors[..., b]
            )
    slopes = np.linalg.solve(spread + EPSILON * np.eye(3), with_p[..., None])[..., 0]
    lines[..., :3] = slopes
    lines[..., 3] = mean_p - (slopes * mean_colors).sum(axis=-1)
    return lines


def noise(seed: int, rows: int, columns: int) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (rows, columns)).astype(np.uint8)


def smooth(seed: int, rows: int, columns: int) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(noise(seed, rows, columns), (0, 0), 2) / 255.0, np.float32)


@pytest.mark.parametrize("radius", [1, 4])
@pytest.mark.parametrize("shape", [(1, 1), (2, 30), (30, 1), (5, 5), (40, 61)])
def test_the_lines_are_those_of_least_squares(shape: tuple[int, int], radius: int):
    planes = tuple(noise(seed, *shape) for seed in range(3))
    mask = smooth(7, *shape)
    lines = np.full((*shape, 4), np.nan, np.float32)
    local_lines(*planes, mask, radius, EPSILON, lines)
    np.testing.assert_allclose(lines, reference_lines(planes, mask, radius), atol=2e-3)


def test_a_flat_picture_gives_the_mean_of_the_mask():
    mask = smooth(1, 30, 50)
    flat = np.full((30, 50), 90, np.uint8)
    lines = np.empty((30, 50, 4), np.float32)
    local_lines(flat, flat, flat, mask, 4, EPSILON, lines)
    color = np.float32((90 - 128) / 255)
    np.testing.assert_allclose(
        lines[..., :3].sum(axis=2) * color + lines[..., 3], mean(mask.astype(np.float64), 4), atol=1e-3
    )


def test_where_the_mask_is_sure_the_picture_does_not_matter():
    planes = tuple(noise(seed, 20, 20) for seed in range(3))
    lines = np.empty((20, 20, 4), np.float32)
    for sure in (0.0, 1.0):
        local_lines(*planes, np.full((20, 20), sure, np.float32), 2, EPSILON, lines)
        assert (lines[..., :3] == 0).all()
        np.testing.assert_allclose(lines[..., 3], sure, atol=1e-6)


def test_a_mask_that_is_not_finite_does_not_become_one_that_is():
    planes = tuple(noise(seed, 20, 20) for seed in range(3))
    mask = smooth(3, 20, 20)
    mask[10, 10] = np.nan
    lines = np.empty((20, 20, 4), np.float32)
    local_lines(*planes, mask, 2, EPSILON, lines)
    assert np.isnan(lines[10, 10]).any()


@pytest.mark.parametrize("radius", [1, 4])
@pytest.mark.parametrize("shape", [(1, 1), (3, 40), (40, 3), (33, 47)])
def test_means_over_boxes(shape: tuple[int, int], radius: int):
    values = np.random.default_rng(2).normal(0, 1, (*shape, 4)).astype(np.float32)
    means = np.full_like(values, np.nan)
    box_means(values, radius, means)
    for c in range(4):
        np.testing.assert_allclose(means[..., c], mean(values[..., c].astype(np.float64), radius), atol=1e-4)
