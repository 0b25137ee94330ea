"""Drawing colours that run into each other, without bands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eyeline.processing.frame import Plane

_WHITE_LINEAR = 255.0
_NOISE_LEVELS = 0.7
_SEED = 7
_TILE_PX = 512
_GAMMA = 2.2


def gradient(colors: Sequence[tuple[int, int, int]], angle_degrees: float, size_px: tuple[int, int]) -> Plane:
    """`uint8` BGR of shape `(height, width, 3)`.

    The colours are mixed as light is, so that no grey comes between them, and noise below one step hides the steps.

    Args:
        colors: Red, green, blue; at least two, evenly spaced.
        angle_degrees: Where the line points, clockwise from upwards, as in CSS; corners get the first and last colour.
        size_px: Width and height.
    """
    width_px, height_px = size_px
    radians = math.radians(angle_degrees)
    across, down = math.sin(radians), -math.cos(radians)
    length_px = abs(width_px * across) + abs(height_px * down)
    columns = (np.arange(width_px, dtype=np.float32) + 0.5 - width_px / 2) * across / length_px
    rows = (np.arange(height_px, dtype=np.float32) + 0.5 - height_px / 2) * down / length_px
    at = np.clip(0.5 + rows[:, None] + columns[None, :], 0, 1)
    table = _table(colors)
    drawn = table[np.rint(at * (len(table) - 1)).astype(np.int32)]
    return dithered(drawn, _NOISE_LEVELS)


def dithered(pixels: NDArray[np.floating[Any]], levels: float) -> Plane:
    """Floats from 0 to 255 as `uint8`, with noise of so many levels: an encoder turns a bare gradient into bands."""
    height_px, width_px = pixels.shape[:2]
    tile = np.random.default_rng(_SEED).normal(0, levels, (_TILE_PX, _TILE_PX)).astype(np.float32)
    four = np.block([[tile, tile[::-1]], [tile[:, ::-1], tile.T]])  # turned, so that no repeat is seen
    repeats = -(-height_px // len(four)), -(-width_px // len(four))
    noise = np.tile(four, repeats)[:height_px, :width_px, None]
    return np.asarray(np.clip(np.rint(pixels + noise), 0, 255), np.uint8)


def _table(colors: Sequence[tuple[int, int, int]], steps: int = 2048) -> NDArray[np.float32]:
    at = np.linspace(0, len(colors) - 1, steps)
    bands = [
        np.interp(at, range(len(colors)), [(color[band] / _WHITE_LINEAR) ** _GAMMA for color in colors])
        for band in (2, 1, 0)
    ]
    return (np.stack(bands, axis=-1) ** (1 / _GAMMA) * _WHITE_LINEAR).astype(np.float32)
