"""Rooms: walls, shelves and windows."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from eyeline.processing.art.canvas import Canvas, Color, Pixels, Points, rectangle, rgb

_BOOKS = (0x6B2F2A, 0x2F4858, 0x8A6A3B, 0x3D4F3A, 0xB9A98A, 0x4A3550, 0x7A4B2E, 0x9C8F7A, 0x26343F, 0xA65D3F, 0xC7BCA4)


def studio(canvas: Canvas) -> None:
    """A dark wall with warm light washing down from the left and a cool rim from across."""
    canvas.sky((0.0, rgb(0x232529)), (1.0, rgb(0x131417)))
    canvas.pixels *= (0.93 + 0.14 * canvas.noise(4, (0.45, 0.30), 4))[..., None]
    warm = 1 / (1 + ((canvas.u + 0.62) / 0.50) ** 2 + ((canvas.v - 0.30) / 0.48) ** 2) ** 1.6
    cool = 1 / (1 + ((canvas.u - 0.98) / 0.42) ** 2 + ((canvas.v - 0.50) / 0.60) ** 2) ** 1.6
    canvas.light(rgb(0xF0B070), 0.66 * warm)
    canvas.light(rgb(0x4A86D8), 0.50 * cool)
    canvas.vignette(0.30)


def paper(canvas: Canvas) -> None:
    """A bright plain wall by a window out of sight."""
    canvas.sky((0.0, rgb(0xEAE6DF)), (1.0, rgb(0xD6D0C7)))
    canvas.pixels *= (0.985 + 0.03 * canvas.noise(9, (0.7, 0.5), 4))[..., None]
    canvas.light(rgb(0xFFF4E2), 0.7 * canvas.glow(-0.62, 0.16, 0.95))
    canvas.shade(0.16 * canvas.glow(0.95, 0.95, 0.8))
    canvas.vignette(0.08)


def sunlit_wall(canvas: Canvas) -> None:
    """Late sun through a window and a plant, on a plastered wall."""
    canvas.sky((0.0, rgb(0xB9A695)), (1.0, rgb(0x9C8878)))
    canvas.pixels *= (0.97 + 0.06 * canvas.noise(31, (0.12, 0.10), 4))[..., None]
    canvas.shade(0.30 * np.clip((canvas.u + 0.1) / 1.2, 0, 1) * np.ones_like(canvas.v))
    panes = [_slanted(column, row) for column in range(3) for row in range(3)]
    sun = canvas.shapes(panes, blur=0.014)
    leaves = canvas.softened(np.maximum(_frond(canvas, -0.86, 1.02, -1.25), _frond(canvas, -0.95, 0.9, -0.75)), 0.010)
    sun *= 1 - 0.85 * leaves
    canvas.light(rgb(0xFFC98A), 0.62 * sun)
    canvas.light(rgb(0xFFB878), 0.16 * canvas.softened(sun, 0.12))
    canvas.vignette(0.18)


def _slanted(column: int, row: int) -> tuple[tuple[float, float], ...]:
    """One pane of the window's light on the wall: leaning, since the sun stands low at the left."""
    left, top, wide, high = -0.62 + 0.335 * column, 0.07 + 0.255 * row, 0.30, 0.225
    return tuple(
        (u + 0.10 * (v - 0.5), v + 0.16 * (u + 0.6) - 0.06) for u, v in rectangle(left, top, left + wide, top + high)
    )


def _frond(canvas: Canvas, u: float, v: float, angle: float) -> Pixels:
    """The shadow of a palm leaf: a bent stem with narrow leaves to both sides."""
    leaves = []
    length, count = 0.78, 17
    for number in range(count):
        along = 0.15 + 0.85 * number / (count - 1)
        bend = angle + 0.55 * along
        at_u, at_v = u + length * along * math.cos(bend), v + length * along * math.sin(bend)
        for side in (-1, 1):
            turn = bend + side * (0.95 - 0.45 * along)
            reach = 0.30 * math.sin(math.pi * (0.12 + 0.86 * along)) + 0.03
            leaves.append(_leaf(at_u, at_v, turn, reach, 0.017))
    return canvas.shapes(leaves)


def _leaf(u: float, v: float, angle: float, length: float, width: float) -> list[tuple[float, float]]:
    across, down = math.cos(angle), math.sin(angle)
    outline = [(0.0, 0.0), (0.3, 0.8), (0.55, 1.0), (1.0, 0.0), (0.55, -1.0), (0.3, -0.8)]
    return [
        (u + a * length * across - b * width * down, v + a * length * down + b * width * across) for a, b in outline
    ]


def bookshelf(canvas: Canvas) -> None:
    """A wall of books well out of focus, a lamp at the left."""
    canvas.sky((0.0, rgb(0x2A1D15)), (1.0, rgb(0x1F1611)))
    random = np.random.default_rng(12)
    shelf, board = 0.30, 0.026
    bottoms = [0.22 + row * shelf for row in range(-1, 4)]
    for bottom in bottoms:
        canvas.things(_books(random, bottom - board, shelf - board))
    for bottom in bottoms:
        top = bottom - shelf
        dark = np.clip(1 - (canvas.v - top) / 0.09, 0, 1) * (canvas.v > top)
        canvas.shade(0.6 * dark * np.ones_like(canvas.u))
    wood = [(rectangle(-3, bottom - board, 3, bottom), rgb(0x6E4C32)) for bottom in bottoms]
    wood += [(rectangle(u - 0.018, -0.1, u + 0.018, 1.1), rgb(0x5C402A)) for u in (-1.62, -0.54, 0.54, 1.62)]
    canvas.things(wood)
    canvas.defocus(0.012)
    canvas.shade(np.full_like(canvas.pixels[..., 0], 0.25))
    canvas.light(rgb(0xFFB56B), 0.45 * canvas.glow(-0.72, 0.34, 0.75))
    canvas.shade(0.45 * canvas.glow(0.95, 0.75, 0.75))
    canvas.vignette(0.30)


def _books(random: np.random.Generator, bottom: float, room: float) -> Iterator[tuple[Points, Color]]:
    """One row of them, with gaps, some leaning, some with a label."""
    u = -2.0
    while u < 2.0:
        if random.random() < 0.07:
            u += random.uniform(0.03, 0.09)
        wide, high = random.uniform(0.020, 0.050), room * random.uniform(0.62, 0.90)
        lean = random.uniform(0.015, 0.03) if random.random() < 0.08 else 0.0
        color = rgb(int(random.choice(_BOOKS))) * random.uniform(0.75, 1.1)
        top = bottom - high
        yield ((u + lean, top), (u + lean + wide, top), (u + wide, bottom), (u, bottom)), color
        yield ((u + lean, top), (u + lean + wide * 0.3, top), (u + wide * 0.3, bottom), (u, bottom)), color * 1.15
        if random.random() < 0.4:
            label = top + high * random.uniform(0.15, 0.3)
            yield rectangle(u + lean * 0.8, label, u + lean * 0.8 + wide, label + 0.014), color * 0.5 + 95
        u += wide + 0.002 + lean


def loft(canvas: Canvas) -> None:
    """A tall bright room with a steel window at the left; its light thins out across the wall."""
    canvas.sky((0.0, rgb(0xE4DED4)), (0.8, rgb(0xD6CDC0)), (1.0, rgb(0xC8BCAC)))
    _bricks(canvas)
    canvas.shade(0.38 * np.clip((canvas.u + 0.35) / 1.5, 0, 1) * np.ones_like(canvas.v))
    canvas.shade(0.20 * np.clip((canvas.v - 0.55) / 0.5, 0, 1) * np.ones_like(canvas.u))
    _window(canvas, left=-1.02, top=-0.05, right=-0.47, bottom=0.80)
    canvas.things(_sideboard())
    canvas.defocus(0.011)
    canvas.light(rgb(0xFFF6E8), 0.6 * canvas.glow(-0.75, 0.35, 0.55))
    canvas.light(rgb(0xFFF3E0), 0.30 * canvas.glow(-0.30, 0.45, 0.85))
    canvas.vignette(0.14)


def _bricks(canvas: Canvas) -> None:
    """White painted bricks: the joints are hardly darker."""
    high, wide = 0.042, 0.125
    row = np.floor(canvas.v / high)
    down = np.abs((canvas.v / high) % 1 - 0.5) * 2
    across = np.abs(((canvas.u / wide) + 0.5 * (row % 2)) % 1 - 0.5) * 2
    joint = np.maximum(np.clip((down - 0.80) / 0.2, 0, 1), np.clip((across - 0.93) / 0.07, 0, 1))
    canvas.shade(0.15 * joint)
    canvas.pixels *= (0.97 + 0.06 * canvas.noise(3, (wide, high), 2))[..., None]


def _window(canvas: Canvas, *, left: float, top: float, right: float, bottom: float) -> None:
    inside = canvas.shapes([rectangle(left, top, right, bottom)])
    outside = Canvas((canvas.width_px, canvas.height_px))
    outside.sky((0.0, rgb(0xEAF3FA)), (0.55, rgb(0xFBF7EE)), (0.8, rgb(0xDCE2DC)))
    outside.mix(rgb(0xB9C4BC), 0.6 * np.clip((outside.noise(13, (0.22, 0.16), 3) - 0.5) * 4, 0, 1) * (outside.v > 0.5))
    canvas.mix(outside.pixels, inside)
    bar = 0.011
    bars = [rectangle(u - bar, top, u + bar, bottom) for u in np.linspace(left, right, 4)]
    bars += [rectangle(left, v - bar, right, v + bar) for v in np.linspace(top, bottom, 5)]
    canvas.mix(rgb(0x2E3032), 0.92 * canvas.shapes(bars))
    canvas.mix(rgb(0xEDE8E0), canvas.shapes([rectangle(left - 0.03, bottom, right + 0.035, bottom + 0.032)]))


def _sideboard() -> Iterator[tuple[Points, Color]]:
    """Low furniture at the right with a plant, a bowl and a picture that leans on the wall."""
    yield rectangle(0.42, 0.80, 2.2, 1.05), rgb(0x8A6748)
    yield rectangle(0.42, 0.80, 2.2, 0.815), rgb(0xA57F5C)
    yield rectangle(0.50, 0.50, 0.68, 0.80), rgb(0x3B3A38)
    yield rectangle(0.512, 0.512, 0.668, 0.788), rgb(0xDDD5C8)
    yield rectangle(0.54, 0.56, 0.64, 0.70), rgb(0xC08A62)
    pot_u, pot_v = 0.80, 0.80
    random = np.random.default_rng(6)
    for _ in range(26):
        angle = -math.pi / 2 + random.normal(0, 0.55)
        color = rgb(int(random.choice((0x3F5B3A, 0x557548, 0x6F8D58, 0x2F4A33))))
        yield _leaf(pot_u + random.normal(0, 0.015), pot_v - 0.10, angle, random.uniform(0.16, 0.34), 0.022), color
    yield (
        ((pot_u - 0.06, pot_v - 0.12), (pot_u + 0.06, pot_v - 0.12), (pot_u + 0.045, pot_v), (pot_u - 0.045, pot_v)),
        rgb(0xD8D2C6),
    )
