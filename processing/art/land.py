"""Hills, woods and gardens."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from eyeline.processing.art.canvas import Canvas, Pixels, rgb, ridge


def dusk(canvas: Canvas) -> None:
    """Sky after sunset over two ridges."""
    canvas.sky(
        (0.0, rgb(0x27305A)),
        (0.30, rgb(0x62557F)),
        (0.55, rgb(0xB8767F)),
        (0.72, rgb(0xEBA57F)),
        (0.80, rgb(0xF4C08E)),
        (1.0, rgb(0xF4C08E)),
    )
    canvas.light(rgb(0xFFCF8F), 0.55 * canvas.glow(0.34, 0.72, 0.5, stretch=1.5))
    streaks = np.clip((canvas.noise(5, (0.9, 0.06), 4) - 0.55) * 4, 0, 1)
    band = np.exp(-(((canvas.v - 0.48) / 0.2) ** 2))
    canvas.mix(rgb(0xE58F86), 0.35 * streaks * band)
    layers = ((0.74, 0.055, 3, 0.8, 0x9A6A82), (0.80, 0.06, 11, 1.0, 0x6B5070), (0.89, 0.08, 8, 0.7, 0x3A3350))
    for level, height, seed, scale, color in layers:
        line = ridge(level=level, height=height, seed=seed, scale=scale, rough=0.48)
        canvas.mix(rgb(color), canvas.below(line, edge=0.008))
        mist = np.clip((canvas.v - level) / 0.16, 0, 1) * canvas.below(line)
        canvas.light(rgb(0xE9A58C), 0.10 * mist)
    canvas.vignette(0.15)


def mountains(canvas: Canvas) -> None:
    """Blue ranges one behind another, in the light of a clear morning."""
    canvas.sky((0.0, rgb(0x7FB0DA)), (0.38, rgb(0xC3DCEC)), (0.60, rgb(0xF3EBDD)), (1.0, rgb(0xF3EBDD)))
    canvas.light(rgb(0xFFF0D2), 0.6 * canvas.glow(-0.55, 0.40, 0.6, stretch=1.3))
    layers = (
        (0.50, 0.16, 21, 0.62, 0xA9C4D8, 0.5),
        (0.60, 0.12, 5, 0.80, 0x7FA3BE, 0.5),
        (0.70, 0.10, 14, 0.95, 0x557F9B, 0.46),
        (0.82, 0.08, 33, 0.9, 0x335A70, 0.44),
        (0.95, 0.07, 2, 1.1, 0x1F3D4C, 0.42),
    )
    for level, height, seed, scale, color, rough in layers:
        line = ridge(level=level, height=height, seed=seed, scale=scale, rough=rough)
        canvas.mix(rgb(color), canvas.below(line, edge=0.006))
        haze = np.clip((canvas.v - level + 0.3 * height) / 0.2, 0, 1) * canvas.below(line)
        canvas.mix(rgb(0xDDE6E8), 0.42 * haze)
    canvas.defocus(0.004)
    canvas.vignette(0.10)


def forest_haze(canvas: Canvas) -> None:
    """Wooded slopes that fade into morning haze."""
    canvas.sky((0.0, rgb(0xD3E0DF)), (0.5, rgb(0xE9EDE6)), (1.0, rgb(0xC2D3CB)))
    canvas.light(rgb(0xFFF3D6), 0.75 * canvas.glow(0.42, 0.22, 0.55, stretch=1.4))
    rows = (
        (0xC3D3CD, 0.46, 0.075, 0.10, 320, 0.55),
        (0xA3BDB4, 0.56, 0.10, 0.12, 230, 0.62),
        (0x7B9D91, 0.68, 0.14, 0.13, 150, 0.70),
        (0x527467, 0.83, 0.20, 0.15, 92, 0.80),
    )
    for seed, (color, level, tall, slope, count, solid) in enumerate(rows):
        hill = ridge(level=level, height=slope, seed=seed + 40, scale=0.4, rough=0.35)
        trees = _firs(canvas, hill, tall=tall, count=count, seed=seed)
        sunk = np.clip((canvas.v - hill(canvas.u)) / (1.6 * tall), 0, 1)
        canvas.mix(rgb(color), trees * (1 - (1 - solid) * sunk))
        mist = canvas.noise(seed + 60, (0.6, 0.10), 3) * np.exp(
            -(((canvas.v - level - tall * 0.7) / (0.9 * tall)) ** 2)
        )
        canvas.mix(rgb(0xE6ECE6), 0.75 * mist)
    canvas.defocus(0.005)
    canvas.vignette(0.12)


def _firs(canvas: Canvas, hill: Callable[[Pixels], Pixels], *, tall: float, count: int, seed: int) -> Pixels:
    """A wood on a slope: many pointed trees, close enough that no ground is seen."""
    random = np.random.default_rng(seed)
    ground = hill(canvas.u)
    line = ground.copy()
    for centre in np.linspace(-1.6, 1.6, count) + random.normal(0, 1.2 / count, count):
        high = tall * (0.45 + 0.55 * random.beta(1.6, 2.6))
        foot = float(hill(np.array([[centre]], np.float32))[0, 0]) + 0.35 * tall
        away = np.abs(canvas.u - centre) / (0.20 * high + 0.12 * tall)
        boughs = 0.05 * np.abs(np.sin(away * 11)) * (1 - away)
        line = np.minimum(line, np.where(away < 1, foot - (high + 0.35 * tall) * (1 - away - boughs), 2))
    return np.clip((canvas.v - line) / 0.004, 0, 1)


def garden(canvas: Canvas) -> None:
    """Leaves and light far behind, nothing in focus; the sun stands at the upper right."""
    canvas.sky((0.0, rgb(0xB7C978)), (0.45, rgb(0x6F9450)), (1.0, rgb(0x2F4C2C)))
    broad, fine = canvas.noise(3, 0.42, 2), canvas.noise(29, 0.13, 2)
    lumps = 0.65 * broad + 0.35 * fine
    canvas.mix(rgb(0x24452A), np.clip((0.50 - lumps) * 4.5, 0, 0.85))
    canvas.mix(rgb(0xD6E48C), np.clip((lumps - 0.54) * 4, 0, 0.7) * np.clip(1.15 - canvas.v, 0.1, 1))
    canvas.light(rgb(0xFFF2B0), 0.75 * canvas.glow(0.72, 0.0, 0.62))
    _specks(canvas)
    canvas.defocus(0.004)
    canvas.shade(0.22 * canvas.glow(0.0, 0.70, 0.5))
    canvas.vignette(0.25)


def _specks(canvas: Canvas) -> None:
    """Light between the leaves, as the discs that an open lens makes of it; few behind the person."""
    random = np.random.default_rng(77)
    for color, strength, count in ((0xFFF8CE, 0.34, 46), (0xE6F2A4, 0.26, 70), (0xB5D67A, 0.22, 70)):
        discs = []
        for _ in range(count):
            u, v = random.uniform(-1.4, 1.4), random.beta(1.1, 2.2)
            keep = math.hypot(u / 0.42, (v - 0.55) / 0.5) > 0.9 + 0.35 * random.random()
            if keep:
                discs.append((u, v, random.uniform(0.016, 0.050)))
        for part in range(6):  # discs of one part do not brighten each other
            canvas.light(rgb(color), strength * random.uniform(0.4, 1.0) * canvas.discs(discs[part::6]))
