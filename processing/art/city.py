"""The town at night."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from eyeline.processing.art.canvas import Canvas, Points, rectangle, rgb

_LAMPS = (0xFFC67A, 0xFFE2B0, 0xFF9A56, 0x9EC9FF, 0xFFF1D6, 0xE46A5A)


def night_city(canvas: Canvas) -> None:
    """A town after sunset, seen from high up: towers, and lamps that the lens makes discs of."""
    canvas.sky(
        (0.0, rgb(0x101B38)),
        (0.35, rgb(0x28375C)),
        (0.55, rgb(0x5A5275)),
        (0.66, rgb(0xA06F72)),
        (0.72, rgb(0xC08A72)),
        (1.0, rgb(0x2A2636)),
    )
    canvas.light(rgb(0xFFB070), 0.30 * canvas.glow(0.45, 0.66, 0.45, stretch=2.0))
    random = np.random.default_rng(5)
    for color, low, high, wide in (
        (0x4A4A6A, 0.44, 0.62, 0.08),
        (0x2C3150, 0.40, 0.70, 0.11),
        (0x171B30, 0.56, 0.80, 0.14),
    ):
        canvas.mix(rgb(color), canvas.shapes(_towers(random, low, high, wide), blur=0.006))
    canvas.shade(0.35 * np.clip((canvas.v - 0.7) / 0.3, 0, 1) * np.ones_like(canvas.u))
    _lamps(canvas, random)
    canvas.defocus(0.004)
    canvas.vignette(0.30)


def _towers(random: np.random.Generator, low: float, high: float, wide: float) -> Iterator[Points]:
    """Lower in the middle, so that heads stand against the sky."""
    u = -2.0
    while u < 2.0:
        span = wide * random.uniform(0.45, 1.2)
        top = random.uniform(low, high) + 0.16 * math.exp(-((u / 0.40) ** 2))
        yield rectangle(u, top, u + span, 1.1)
        if random.random() < 0.3:
            yield rectangle(u + span * 0.25, top - 0.025, u + span * 0.75, top + 0.01)
        u += span * random.uniform(1.0, 1.3)


def _lamps(canvas: Canvas, random: np.random.Generator) -> None:
    """Rows of windows on the towers, and the larger lights of the streets below."""
    windows = [(random.uniform(-1.6, 1.6), 0.60 + 0.36 * random.beta(1.3, 1.6), 0.0065) for _ in range(420)]
    for part, code in enumerate(_LAMPS):
        canvas.light(rgb(code), 0.42 * canvas.discs(windows[part :: len(_LAMPS)]))
    for code in _LAMPS:
        for radius, strength, count in ((0.016, 0.62, 12), (0.026, 0.46, 9), (0.038, 0.30, 5)):
            discs = []
            for _ in range(count):
                u, v = random.uniform(-1.5, 1.5), 0.86 + 0.09 * random.normal()
                if abs(u) > 0.25 and 0.62 < v < 1.02:
                    discs.append((u, v, radius * random.uniform(0.85, 1.15)))
            canvas.light(rgb(code), strength * canvas.discs(discs))
