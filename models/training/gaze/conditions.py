"""What a camera sees around and before a drawn eye: head, light, glasses, hands, hair, and the camera's own faults."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from eyeline.models.training.gaze.identity import Color

Rows = NDArray[np.float32]

_NONE = np.zeros((0, 0), np.float32)
_HAIR: tuple[Color, ...] = ((0.06, 0.05, 0.05), (0.25, 0.16, 0.09), (0.62, 0.47, 0.28), (0.72, 0.71, 0.70))


@dataclass(frozen=True, slots=True)
class Conditions:
    """Everything that stays as it is while the eye turns. Lengths are in widths of the eye, as in `EyeIdentity`.

    Args:
        head_degrees: Yaw to the right and pitch upwards.
        wideness: How far the lids are open, of what is usual for this eye.
        follow: How far the lids go along with the iris, of what is usual for this eye.
        skew: How far the upper and the lower lid lean to the right, -1 to 1.
        inner: Side of the nose: 1 for the right, -1 for the left, 0 for an eye without a caruncle.
        brow: How dark, its height above the corners, its thickness and its slant; dark 0 is none.
        folds: Bags under the eye, wrinkles beside it, pores: 0 to 1 each.
        make_up: Colour on the upper lid and how much of it.
        iris_light: How bright the iris is, of what its colour says: nearly black eyes are usual.
        white: How bright, pink and yellow the white is, -1 to 1 each.
        limbus: How dark the ring around the iris is, 0 to 1.
        window: A second glint, as of a window: x, y, half width and half height in radii of the iris, and its strength.
        waterline: How bright the wet edge of the lower lid is, 0 to 1.
        lower_lashes: How dark, 0 to 1.
        slope: How the light falls off, across and down.
        glasses: Middle x and y, half width, half height, half the rim's thickness, its grey, the lens's tint; of
            no thickness is none.
        glares: On the glasses, a row each: x, y, half width, half height, turn in radians, strength.
        covers: Fingers, cups, hair, a row each: ends of a line, its radius, softness, red, green, blue.
        blur_px: Of the lens, at 40 px between the corners.
        halo: How much the camera sharpens, 0 to 1.
        gamma: Of the camera's tone curve; 1 is plain.
        noise: Of the camera, of 1.
        quality: Of the compression, 1 to 100; 0 for none.
    """

    head_degrees: tuple[float, float] = (0.0, 0.0)
    wideness: float = 1.0
    follow: float = 1.0
    skew: tuple[float, float] = (0.0, 0.0)
    inner: int = 0
    brow: tuple[float, float, float, float] = (0.0, 0.55, 0.1, 0.0)
    folds: tuple[float, float, float] = (0.0, 0.0, 0.0)
    make_up: tuple[Color, float] = ((0.0, 0.0, 0.0), 0.0)
    iris_light: float = 1.0
    white: tuple[float, float, float] = (0.0, 0.0, 0.0)
    limbus: float = 0.0
    window: tuple[float, float, float, float, float] = (0.0, 0.0, 1.0, 1.0, 0.0)
    waterline: float = 0.0
    lower_lashes: float = 0.0
    slope: tuple[float, float] = (0.0, 0.0)
    glasses: tuple[float, float, float, float, float, float, float] = (0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0)
    glares: Rows = field(default_factory=lambda: _NONE.reshape(0, 6))
    covers: Rows = field(default_factory=lambda: _NONE.reshape(0, 9))
    blur_px: float = 0.0
    halo: float = 0.0
    gamma: float = 1.0
    noise: float = 0.0
    quality: int = 0

    @classmethod
    def of(cls, seed: int, skin: Color) -> Self:
        """Those of a seed; the same each time.

        Args:
            seed: Any.
            skin: Of the person, whose hand it may be.
        """
        random = np.random.default_rng(seed)

        def between(low: float, high: float) -> float:
            return float(random.uniform(low, high))

        def now_and_then(share: float) -> bool:
            return bool(random.random() < share)

        return cls(
            head_degrees=(float(np.clip(random.normal(0, 12), -32, 32)), float(np.clip(random.normal(0, 9), -25, 25))),
            wideness=between(0.55, 1.15) if now_and_then(0.5) else 1.0,
            follow=between(1.1, 1.4),
            skew=(between(-0.3, 0.3), between(-0.3, 0.3)),
            inner=int(random.choice((-1, 1))),
            brow=(
                between(0.3, 1.0) if now_and_then(0.8) else 0.0,
                between(0.42, 0.7),
                between(0.05, 0.13),
                between(-0.15, 0.15),
            ),
            folds=(between(0, 1), between(0, 1) * now_and_then(0.4), between(0, 1)),
            make_up=((between(0, 0.6), between(0, 0.4), between(0, 0.5)), between(0.1, 0.8) * now_and_then(0.25)),
            iris_light=between(0.25, 1.1),
            white=(between(-0.8, 0.6), between(0, 1), between(0, 0.6)),
            limbus=between(0, 1),
            window=(
                between(-0.6, 0.6),
                between(-0.7, 0.3),
                between(0.08, 0.35),
                between(0.08, 0.4),
                between(0.2, 1) * now_and_then(0.5),
            ),
            waterline=between(0, 1),
            lower_lashes=between(0, 0.7),
            slope=(between(-0.5, 0.5), between(-0.35, 0.35)),
            glasses=_glasses(random) if now_and_then(0.3) else (0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0),
            glares=_glares(random) if now_and_then(0.15) else _NONE.reshape(0, 6),
            covers=_covers(random, skin) if now_and_then(0.25) else _NONE.reshape(0, 9),
            blur_px=abs(float(random.normal(0, 0.6))),
            halo=between(0.2, 1.2) * now_and_then(0.4),
            gamma=between(0.75, 1.35),
            noise=abs(float(random.normal(0, 0.012))),
            quality=int(random.integers(18, 95)) if now_and_then(0.6) else 0,
        )


def _glasses(random: np.random.Generator) -> tuple[float, float, float, float, float, float, float]:
    thin = random.random() < 0.5
    return (
        float(random.uniform(-0.25, 0.25)),
        float(random.uniform(0.0, 0.3)),
        float(random.uniform(0.6, 0.95)),
        float(random.uniform(0.36, 0.75)),
        float(random.uniform(0.008, 0.025) if thin else random.uniform(0.03, 0.09)),
        float(random.uniform(0.02, 0.6) if thin else random.uniform(0.02, 0.3)),
        float(random.uniform(0.0, 0.25)),
    )


def _glares(random: np.random.Generator) -> Rows:
    rows = [
        (
            random.uniform(-0.6, 0.6),
            random.uniform(-0.4, 0.4),
            random.uniform(0.02, 0.25),
            random.uniform(0.02, 0.3),
            random.uniform(-0.6, 0.6),
            random.uniform(0.15, 0.95),
        )
        for _ in range(int(random.integers(1, 4)))
    ]
    return np.array(rows, np.float32)


def _covers(random: np.random.Generator, skin: Color) -> Rows:
    """Fingers or a hand, a thing of any colour, or strands of hair."""
    kind = random.choice(3)
    if kind == 0:
        return _fingers(random, skin)
    if kind == 1:
        angle, away = random.uniform(0, math.tau), random.uniform(0.25, 0.8)
        radius = random.uniform(0.2, 0.7)
        x, y = (away + radius * 0.5) * math.cos(angle), (away + radius * 0.5) * math.sin(angle)
        turn = angle + math.pi / 2 + random.uniform(-0.4, 0.4)
        ends = (x - 2 * math.cos(turn), y - 2 * math.sin(turn), x + 2 * math.cos(turn), y + 2 * math.sin(turn))
        color = random.uniform(0.02, 0.98, 3)
        return np.array([(*ends, radius, random.uniform(0.01, 0.06), *color)], np.float32)
    return _strands(random)


def _fingers(random: np.random.Generator, skin: Color) -> Rows:
    turn, radius = random.uniform(0, math.tau), random.uniform(0.12, 0.3)
    along, across = (math.cos(turn), math.sin(turn)), (-math.sin(turn), math.cos(turn))
    tip, first = random.uniform(-0.5, 0.6), random.uniform(-0.8, 0.3)
    color = np.array(skin) * random.uniform(0.75, 1.15)
    rows = []
    for finger in range(int(random.integers(1, 5))):
        aside = first + finger * 2.05 * radius
        reach = tip + random.uniform(-0.2, 0.2)
        start = [along[i] * reach + across[i] * aside for i in range(2)]
        end = [start[i] + along[i] * 3 for i in range(2)]
        rows.append((*start, *end, radius, random.uniform(0.01, 0.05), *np.clip(color, 0, 1)))
    return np.array(rows, np.float32)


def _strands(random: np.random.Generator) -> Rows:
    color = np.array(_HAIR[int(random.integers(len(_HAIR)))]) * random.uniform(0.8, 1.2)
    x, lean = random.uniform(-0.7, 0.7), random.uniform(-0.5, 0.5)
    rows = []
    for _ in range(int(random.integers(3, 9))):
        at, turned = x + random.normal(0, 0.1), lean + random.normal(0, 0.08)
        shade = np.clip(color * random.uniform(0.7, 1.3), 0, 1)
        rows.append((at - turned, -1.0, at + turned, 1.0, random.uniform(0.006, 0.03), 0.012, *shade))
    return np.array(rows, np.float32)
