"""Skies and the sea."""

from __future__ import annotations

import numpy as np

from eyeline.processing.art.canvas import Canvas, rgb, ridge

_HORIZON = 0.46


def beach(canvas: Canvas) -> None:
    """A quiet beach in the afternoon, the sun high at the right."""
    canvas.sky((0.0, rgb(0x6FB3DE)), (0.30, rgb(0xAAD6EC)), (_HORIZON, rgb(0xE6F0EE)), (1.0, rgb(0xE6F0EE)))
    clouds = np.clip((canvas.noise(43, (0.7, 0.16), 5) - 0.44) * 3.4, 0, 1)
    low = np.exp(-(((canvas.v - 0.24) / 0.13) ** 2))
    canvas.mix(rgb(0xFFFFFF), 0.62 * clouds * low)
    canvas.light(rgb(0xFFF4DA), 0.5 * canvas.glow(0.75, 0.05, 0.7))
    _sea(canvas)
    _sand(canvas)
    canvas.defocus(0.006)
    canvas.vignette(0.10)


def _sea(canvas: Canvas) -> None:
    deep = np.clip((canvas.v - _HORIZON) / 0.20, 0, 1)[..., None]
    water = rgb(0x4E9DB4) * (1 - deep) + rgb(0x7CC7C2) * deep
    is_sea = np.clip((canvas.v - _HORIZON) / 0.003, 0, 1) * np.ones_like(canvas.u)
    canvas.mix(water, is_sea)
    waves = canvas.noise(8, (0.22, 0.014), 3)
    canvas.light(rgb(0xFFFFFF), 0.25 * np.clip((waves - 0.58) * 4, 0, 1) * is_sea)
    canvas.shade(0.10 * np.clip((0.45 - waves) * 4, 0, 1) * is_sea)
    glitter = canvas.glow(0.62, _HORIZON + 0.06, 0.20, stretch=1.6)
    canvas.light(rgb(0xFFF2D0), 0.5 * glitter * is_sea * (0.5 + waves))


def _sand(canvas: Canvas) -> None:
    shore = ridge(level=0.70, height=0.022, seed=6, scale=0.45, rough=0.35)
    wet = canvas.below(lambda u: shore(u) - 0.012, edge=0.03)
    canvas.mix(rgb(0xB79F7E), wet)
    foam = np.exp(-(((canvas.v - shore(canvas.u) + 0.004) / 0.012) ** 2))
    canvas.mix(rgb(0xFFFFFF), 0.85 * foam * (0.55 + 0.6 * canvas.noise(15, (0.10, 0.02), 3)))
    dry = canvas.below(lambda u: shore(u) + 0.075, edge=0.07)
    canvas.mix(rgb(0xE4CFA8), dry)
    grain = canvas.noise(19, (0.20, 0.05), 4)
    canvas.pixels *= (1 + 0.16 * (grain - 0.5) * dry)[..., None]
    canvas.shade(0.12 * np.clip((canvas.v - 0.8) / 0.2, 0, 1) * np.ones_like(canvas.u))


def aurora(canvas: Canvas) -> None:
    """Northern lights over snow, far from any town."""
    canvas.sky((0.0, rgb(0x070B1E)), (0.45, rgb(0x0D1B33)), (0.75, rgb(0x17324A)), (1.0, rgb(0x17324A)))
    _stars(canvas)
    for base, sway, seed, color, top, strength in (
        (0.60, 0.16, 4, 0x3BE3A0, 0x6E55C8, 0.80),
        (0.50, 0.14, 9, 0x2FC7A8, 0x8A4FBF, 0.50),
    ):
        _curtain(canvas, base=base, sway=sway, seed=seed, low=color, high=top, strength=strength)
    far = ridge(level=0.74, height=0.07, seed=17, scale=0.75, rough=0.5)
    canvas.mix(rgb(0x22405A), canvas.below(far, edge=0.006))
    near = ridge(level=0.86, height=0.05, seed=23, scale=0.6, rough=0.42)
    canvas.mix(rgb(0x35566B), canvas.below(near, edge=0.008))
    snow = np.clip((canvas.v - near(canvas.u)) / 0.25, 0, 1) * canvas.below(near)
    canvas.light(rgb(0x63D6B0), 0.16 * (1 - snow) * canvas.below(near))
    canvas.shade(0.45 * snow)
    canvas.vignette(0.25)


def _stars(canvas: Canvas) -> None:
    random = np.random.default_rng(2)
    for strength, count, radius in ((0.85, 40, 0.0016), (0.5, 120, 0.0012), (0.28, 260, 0.0010)):
        places = [(random.uniform(-1.6, 1.6), random.uniform(0, 0.7), radius) for _ in range(count)]
        canvas.light(rgb(0xDDE8FF), strength * canvas.softened(canvas.discs(places), 0.0011))


def _curtain(canvas: Canvas, *, base: float, sway: float, seed: int, low: int, high: int, strength: float) -> None:
    """A band of light with a sharp foot, drawn upwards in rays."""
    foot = ridge(level=base, height=sway, seed=seed, scale=0.42, rough=0.42)(canvas.u)
    above = foot - canvas.v
    rays = canvas.noise(seed, (0.055, 4.0), 3)
    gaps = canvas.noise(seed + 50, (0.7, 4.0), 2)
    reach = 0.10 + 0.34 * rays
    body = np.where(above > 0, np.exp(-np.maximum(above, 0) / reach), np.exp(-((above / 0.02) ** 2)))
    weight = body * (0.35 + 0.9 * rays) * np.clip((gaps - 0.22) * 2.4, 0, 1)
    hue = np.clip(above / 0.34, 0, 1)[..., None]
    color = rgb(low) * (1 - hue) + rgb(high) * hue
    weight = canvas.softened(np.clip(strength * weight, 0, 1), 0.006)
    canvas.pixels += (255 - canvas.pixels) * (color / 255) * weight[..., None]
