"""What makes one drawn eye differ from another, chosen by a seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

Color = tuple[float, float, float]
"""RGB, 0..1."""

# From the palest to the darkest, after the six types of Fitzpatrick.
_SKINS: tuple[Color, ...] = (
    (0.96, 0.84, 0.76),
    (0.91, 0.74, 0.62),
    (0.82, 0.62, 0.48),
    (0.68, 0.47, 0.34),
    (0.48, 0.31, 0.21),
    (0.29, 0.19, 0.14),
)
_IRISES: tuple[Color, ...] = (
    (0.22, 0.13, 0.08),
    (0.33, 0.20, 0.11),
    (0.45, 0.31, 0.16),
    (0.36, 0.42, 0.26),
    (0.38, 0.50, 0.58),
    (0.50, 0.55, 0.58),
)


@dataclass(frozen=True, slots=True)
class EyeIdentity:
    """One eye and the light on it. Lengths are in units of the width between its corners.

    Args:
        skin: Colour of the skin.
        iris: Colour of the iris.
        radius: Of the iris.
        pupil: Radius of the pupil, of that of the iris.
        orbit: From the middle of the eyeball to the plane of the iris.
        centre_y: Of the eyeball, below the line of the corners where positive.
        open_up: From the line of the corners to the upper lid when the eye looks ahead.
        open_down: To the lower lid, likewise.
        upper_follows: Of the iris's way up or down, that the upper lid goes along.
        lower_follows: As `upper_follows`.
        slant: How much higher the outer corner is.
        crease: From the upper lid to its crease; 0 for none.
        lashes: How dark and long, 0 to 1.
        liner: How much make-up is on the lids, 0 to 1.
        light: Where it comes from: x and y, -1 to 1.
        brightness: Of the light.
        warmth: Of the light, -1 to 1.
        glint: Where it mirrors, from the middle of the iris, in radii: x and y.
        noise: Of the camera.
        seed: Of everything that is sprinkled over it.
    """

    skin: Color
    iris: Color
    radius: float
    pupil: float
    orbit: float
    centre_y: float
    open_up: float
    open_down: float
    upper_follows: float
    lower_follows: float
    slant: float
    crease: float
    lashes: float
    liner: float
    light: tuple[float, float]
    brightness: float
    warmth: float
    glint: tuple[float, float]
    noise: float
    seed: int

    @classmethod
    def of(cls, seed: int) -> Self:
        """The eye of a seed; the same each time."""
        random = np.random.default_rng(seed)

        def between(low: float, high: float) -> float:
            return float(random.uniform(low, high))

        def mixed(colors: tuple[Color, ...]) -> Color:
            at = between(0, len(colors) - 1.001)
            first, share = int(at), at - int(at)
            red, green, blue = (a * (1 - share) + b * share for a, b in zip(*colors[first : first + 2], strict=True))
            return red, green, blue

        return cls(
            skin=mixed(_SKINS),
            iris=mixed(_IRISES),
            radius=between(0.185, 0.215),
            pupil=between(0.3, 0.5),
            orbit=between(0.33, 0.38),
            centre_y=between(-0.07, -0.01),
            open_up=between(0.17, 0.25),
            open_down=between(0.12, 0.17),
            upper_follows=between(0.65, 0.95),
            lower_follows=between(0.25, 0.55),
            slant=between(-0.02, 0.08),
            crease=between(0.05, 0.14) if random.random() < 0.75 else 0.0,
            lashes=between(0.1, 1.0),
            liner=between(0.0, 0.8) if random.random() < 0.4 else 0.0,
            light=(between(-1, 1), between(-1, 0.3)),
            brightness=between(0.55, 1.05),
            warmth=between(-1, 1),
            glint=(between(-0.5, 0.5), between(-0.6, 0.1)),
            noise=between(0.0, 0.015),
            seed=seed,
        )
