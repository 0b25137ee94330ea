"""Backgrounds that Eyeline draws itself, so that none has to be shipped or licensed.

Each painter returns linear ramps and soft light as floats; `painted` adds noise below one step before rounding, since
an encoder turns a bare gradient into bands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from eyeline.processing.frame import Plane

Canvas = NDArray[np.float32]
"""BGR from 0 to 255, shape `(height, width, 3)`."""

WIDTH_PX, HEIGHT_PX = 1920, 1080
_NOISE_LEVELS = 1.6
_SEED = 20
_EDGE = 0.004  # of the height: how soft a silhouette ends
_OUT_OF_FOCUS_PX = 2.5


def painted(name: str) -> Plane:
    """Draw a background as `uint8` BGR; the same each time. Takes a moment.

    Raises:
        KeyError: Not one of `PAINTERS`.
    """
    canvas = PAINTERS[name]()
    noise = np.random.default_rng(_SEED).normal(0, _NOISE_LEVELS, canvas.shape[:2]).astype(np.float32)
    return np.asarray(np.clip(np.rint(canvas + noise[..., None]), 0, 255), np.uint8)


def _studio() -> Canvas:
    """A dark wall with a warm lamp beside the person and a cool one across."""
    canvas = _vertical(_rgb(0x2A, 0x2D, 0x33), _rgb(0x1A, 0x1B, 0x1F))
    canvas = _lit(canvas, _rgb(0xD9, 0xA8, 0x78), x=0.24, y=0.30, radius=0.42, strength=0.55)
    canvas = _lit(canvas, _rgb(0x5B, 0x7C, 0xA8), x=0.86, y=0.46, radius=0.38, strength=0.38)
    return _vignette(canvas, 0.35)


def _dusk() -> Canvas:
    """Sky after sunset over two ridges."""
    canvas = _vertical(_rgb(0x2B, 0x35, 0x5C), _rgb(0x6E, 0x5A, 0x80), _rgb(0xD8, 0x8A, 0x7A), _rgb(0xF2, 0xBE, 0x8E))
    canvas = _lit(canvas, _rgb(0xFF, 0xD9, 0xA6), x=0.68, y=0.70, radius=0.30, strength=0.55)
    canvas = _ridge(canvas, _rgb(0x7C, 0x5C, 0x78), level=0.74, height=0.06, seed=3)
    return _ridge(canvas, _rgb(0x3A, 0x33, 0x50), level=0.86, height=0.08, seed=8)


def _paper() -> Canvas:
    """A bright plain wall by a window out of sight."""
    canvas = _vertical(_rgb(0xEC, 0xE8, 0xE1), _rgb(0xD9, 0xD3, 0xCA))
    canvas = _lit(canvas, _rgb(0xFD, 0xF8, 0xEE), x=0.16, y=0.22, radius=0.55, strength=0.75)
    return _vignette(canvas, 0.12)


def _forest_haze() -> Canvas:
    """Rows of firs that fade into morning haze."""
    canvas = _vertical(_rgb(0xDD, 0xE6, 0xE2), _rgb(0xC2, 0xD3, 0xCB))
    canvas = _lit(canvas, _rgb(0xF8, 0xF4, 0xE4), x=0.62, y=0.24, radius=0.40, strength=0.7)
    rows = (
        (_rgb(0xB4, 0xC9, 0xC0), 0.52, 0.17, 130),
        (_rgb(0x8A, 0xAA, 0x9E), 0.68, 0.25, 80),
        (_rgb(0x58, 0x7C, 0x70), 0.90, 0.36, 46),
    )
    for seed, (color, level, height, count) in enumerate(rows):
        canvas = _firs(canvas, color, level=level, height=height, count=count, seed=seed)
    return _vignette(np.asarray(cv2.GaussianBlur(canvas, (0, 0), _OUT_OF_FOCUS_PX), np.float32), 0.15)


PAINTERS: Mapping[str, Callable[[], Canvas]] = {
    "dusk": _dusk,
    "forest-haze": _forest_haze,
    "paper": _paper,
    "studio": _studio,
}


def _rgb(red: int, green: int, blue: int) -> Canvas:
    return np.array([blue, green, red], np.float32)


def _vertical(*stops: Canvas) -> Canvas:
    """Colours from top to bottom, evenly spaced."""
    at = np.linspace(0, len(stops) - 1, HEIGHT_PX)
    column = np.stack([np.interp(at, range(len(stops)), [stop[band] for stop in stops]) for band in range(3)], axis=-1)
    return np.repeat(column[:, None].astype(np.float32), WIDTH_PX, axis=1)


def _grid() -> tuple[Canvas, Canvas]:
    """Rows and columns from 0 to 1 in units of the height and the width."""
    rows = np.linspace(0, 1, HEIGHT_PX, dtype=np.float32)[:, None]
    columns = np.linspace(0, 1, WIDTH_PX, dtype=np.float32)[None, :]
    return rows, columns


def _mixed(canvas: Canvas, color: Canvas, weight: Canvas) -> Canvas:
    return np.asarray(canvas + (color - canvas) * weight[..., None], np.float32)


def _lit(canvas: Canvas, color: Canvas, *, x: float, y: float, radius: float, strength: float) -> Canvas:
    """A soft pool of light; the radius is in widths."""
    rows, columns = _grid()
    distance = ((columns - x) ** 2 + ((rows - y) * HEIGHT_PX / WIDTH_PX) ** 2) / radius**2
    return _mixed(canvas, color, np.asarray(strength * np.exp(-2 * distance), np.float32))


def _vignette(canvas: Canvas, strength: float) -> Canvas:
    rows, columns = _grid()
    shade = 1 - strength * np.clip((rows - 0.5) ** 2 + (columns - 0.5) ** 2, 0, 0.5) * 2
    return np.asarray(canvas * shade[..., None], np.float32)


def _ridge(canvas: Canvas, color: Canvas, *, level: float, height: float, seed: int) -> Canvas:
    """Hills as a sum of sines, filled downwards from their line."""
    rows, columns = _grid()
    random = np.random.default_rng(seed)
    line = np.full_like(columns, level)
    for octave in range(1, 6):
        line += height / octave * np.sin(2 * np.pi * (columns * octave * 1.3 + random.random())) / 2
    return _mixed(canvas, color, np.clip((rows - line) / _EDGE, 0, 1))


def _firs(canvas: Canvas, color: Canvas, *, level: float, height: float, count: int, seed: int) -> Canvas:
    """A row of pointed trees of uneven height, whose feet drown in haze."""
    rows, columns = _grid()
    random = np.random.default_rng(seed)
    line = np.full_like(columns, level)
    for centre in np.linspace(-0.02, 1.02, count) + random.normal(0, 0.4 / count, count):
        tall = height * random.uniform(0.4, 1.0)
        width = tall * random.uniform(0.09, 0.13)
        flank = level - tall * np.clip(1 - np.abs(columns - centre) / width, 0, 1)
        line = np.minimum(line, flank)
    tree = np.clip((rows - line) / _EDGE, 0, 1)
    haze = np.clip(1.15 - (rows - (level - height)) / (1.9 * height), 0.35, 1)
    return _mixed(canvas, color, np.asarray(tree * haze, np.float32))
