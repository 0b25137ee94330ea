"""Drawing with light: soft shapes on a canvas of floats.

Places are given as `u`, to the right of the middle, and `v`, down from the top, both in heights of the picture. So a
wider picture shows more at its sides, and everything else stays where it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Color = NDArray[np.floating[Any]]
"""BGR from 0 to 255, shape `(3,)`."""

Pixels = NDArray[np.floating[Any]]
"""Shape `(height, width, 3)` for colours, `(height, width)` for weights from 0 to 1."""

Points = Iterable[tuple[float, float]]

_SUBPIXEL_BITS = 4
_GAMMA = 2.2
_NOISE_REACH = 2.0  # heights to either side of the middle that have noise of their own


def rgb(code: int) -> Color:
    """A colour as 0xRRGGBB."""
    return np.array([code & 255, code >> 8 & 255, code >> 16], np.float32)


class Canvas:
    """A picture in the making.

    Args:
        size_px: Width and height.
    """

    def __init__(self, size_px: tuple[int, int]) -> None:
        self.width_px, self.height_px = size_px
        self.pixels: Pixels = np.zeros((self.height_px, self.width_px, 3), np.float32)
        self.v: Pixels = ((np.arange(self.height_px, dtype=np.float32) + 0.5) / self.height_px)[:, None]
        self.u: Pixels = ((np.arange(self.width_px, dtype=np.float32) + 0.5 - self.width_px / 2) / self.height_px)[None]

    def sky(self, *stops: tuple[float, Color]) -> None:
        """Fill with colours that run downwards, each at its `v`."""
        at = [stop for stop, _ in stops]
        bands = [np.interp(self.v[:, 0], at, [color[band] for _, color in stops]) for band in range(3)]
        self.pixels[:] = np.stack(bands, axis=-1).astype(np.float32)[:, None]

    def mix(self, color: Color | Pixels, weight: Pixels) -> None:
        """Lay a colour over what is there."""
        self.pixels += (color - self.pixels) * weight[..., None]

    def light(self, color: Color, weight: Pixels) -> None:
        """Add light without ever going beyond white, as a photograph does."""
        self.pixels += (255 - self.pixels) * (color / 255) * weight[..., None]

    def shade(self, weight: Pixels) -> None:
        """Take light away: 1 leaves nothing."""
        self.pixels *= 1 - weight[..., None]

    def vignette(self, strength: float) -> None:
        """Darker corners, as every lens has."""
        self.shade(np.asarray(strength * np.clip((self.u / 0.9) ** 2 + (2 * self.v - 1) ** 2, 0, 2) / 2, np.float32))

    def glow(self, u: float, v: float, radius: float, *, stretch: float = 1.0) -> Pixels:
        """A pool of light, 1 in its middle; `stretch` makes it wider than high."""
        away = ((self.u - u) / stretch) ** 2 + (self.v - v) ** 2
        return np.asarray(np.exp(-2 * away / radius**2), np.float32)

    def shapes(self, polygons: Iterable[Points], *, blur: float = 0.0) -> Pixels:
        """Polygons, filled; their edges softened over `blur` heights."""
        mask = np.zeros((self.height_px, self.width_px), np.uint8)
        for polygon in polygons:
            cv2.fillPoly(mask, [self._corners(polygon)], 255, cv2.LINE_AA, _SUBPIXEL_BITS)
        return self.softened(mask / np.float32(255), blur)

    def things(self, polygons: Iterable[tuple[Points, Color]]) -> None:
        """Polygons, each of its colour; later ones before earlier ones."""
        layer = np.zeros((self.height_px, self.width_px, 3), np.uint8)
        mask = np.zeros((self.height_px, self.width_px), np.uint8)
        for polygon, color in polygons:
            corners = self._corners(polygon)
            cv2.fillPoly(layer, [corners], np.clip(color, 0, 255).tolist(), cv2.LINE_8, _SUBPIXEL_BITS)
            cv2.fillPoly(mask, [corners], 255, cv2.LINE_8, _SUBPIXEL_BITS)
        self.mix(layer.astype(np.float32), mask / np.float32(255))

    def _corners(self, polygon: Points) -> NDArray[np.int32]:
        places = [(u * self.height_px + self.width_px / 2, v * self.height_px) for u, v in polygon]
        return np.rint((np.array(places) - 0.5) * (1 << _SUBPIXEL_BITS)).astype(np.int32)

    def discs(self, centres: Iterable[tuple[float, float, float]]) -> Pixels:
        """Discs, each a `u`, a `v` and a radius."""
        mask = np.zeros((self.height_px, self.width_px), np.uint8)
        for u, v, radius in centres:
            place = (u * self.height_px + self.width_px / 2 - 0.5, v * self.height_px - 0.5)
            fixed = [round(value * (1 << _SUBPIXEL_BITS)) for value in (*place, radius * self.height_px)]
            cv2.circle(mask, (fixed[0], fixed[1]), max(1, fixed[2]), 255, -1, cv2.LINE_AA, _SUBPIXEL_BITS)
        return mask / np.float32(255)

    def softened(self, weight: Pixels, blur: float) -> Pixels:
        """Weights or colours blurred over `blur` heights."""
        sigma_px = blur * self.height_px
        if sigma_px < 0.3:
            return weight
        step = max(1, int(sigma_px / 4))
        if step == 1:
            return np.asarray(cv2.GaussianBlur(weight, (0, 0), sigma_px), np.float32)
        small_px = max(2, self.width_px // step), max(2, self.height_px // step)
        small = cv2.resize(weight, small_px, interpolation=cv2.INTER_AREA)
        small = cv2.GaussianBlur(small, (0, 0), sigma_px * small_px[0] / self.width_px)
        return np.asarray(cv2.resize(small, (self.width_px, self.height_px), interpolation=cv2.INTER_CUBIC), np.float32)

    def below(self, line: Callable[[Pixels], Pixels], *, edge: float = 0.004) -> Pixels:
        """What lies below a line given as `v` of `u`; the edge is so many heights soft."""
        return np.asarray(np.clip((self.v - line(self.u)) / edge + 0.5, 0, 1), np.float32)

    def noise(self, seed: int, cell: float | tuple[float, float], octaves: int = 1) -> Pixels:
        """Clouds from 0 to 1 in lumps of `cell` heights (across, down), the same places whatever the size."""
        across, down = cell if isinstance(cell, tuple) else (cell, cell)
        total = np.zeros((self.height_px, self.width_px), np.float32)
        weights = 0.0
        for octave in range(octaves):
            weight = 0.5**octave
            total += weight * self._lumps(seed + 101 * octave, across / 2**octave, down / 2**octave)
            weights += weight
        return np.asarray(np.clip(total / weights, 0, 1), np.float32)

    def _lumps(self, seed: int, across: float, down: float) -> Pixels:
        columns, rows = math.ceil(2 * _NOISE_REACH / across) + 3, math.ceil(1 / down) + 3
        grid = np.random.default_rng(seed).random((rows, columns)).astype(np.float32)
        step_u, step_v = 1 / (across * self.height_px), 1 / (down * self.height_px)
        first_u = columns / 2 - self.width_px / 2 * step_u
        place = np.array([[step_u, 0, first_u], [0, step_v, 1]], np.float32)
        return np.asarray(
            cv2.warpAffine(
                grid,
                place,
                (self.width_px, self.height_px),
                flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_REFLECT,
            ),
            np.float32,
        )

    def defocus(self, radius: float, *, weight: Pixels | None = None) -> None:
        """As a lens does it: every point becomes a disc of `radius` heights, in light and not in grey levels.

        Args:
            radius: Of the disc.
            weight: Where; everywhere when it is not said.
        """
        linear = np.power(np.clip(self.pixels, 0, 255) / 255, _GAMMA)
        blurred = np.power(np.maximum(self._disc_blurred(linear, radius), 0), 1 / _GAMMA) * 255
        if weight is None:
            self.pixels = np.asarray(blurred, np.float32)
        else:
            self.pixels += (blurred - self.pixels) * weight[..., None]

    def _disc_blurred(self, linear: Pixels, radius: float) -> Pixels:
        radius_px = radius * self.height_px
        step = max(1, int(radius_px / 5))
        small_px = max(2, self.width_px // step), max(2, self.height_px // step)
        small = cv2.resize(linear, small_px, interpolation=cv2.INTER_AREA) if step > 1 else linear
        side = 2 * math.ceil(radius_px / step) + 1
        kernel = _disc(side, radius_px / step)
        small = cv2.filter2D(small, -1, kernel, borderType=cv2.BORDER_REPLICATE)
        if step == 1:
            return np.asarray(small, np.float32)
        return np.asarray(cv2.resize(small, (self.width_px, self.height_px), interpolation=cv2.INTER_CUBIC), np.float32)


def _disc(side: int, radius: float) -> Pixels:
    at = np.arange(side, dtype=np.float32) - side // 2
    disc = np.clip(radius + 0.5 - np.hypot(at[:, None], at[None]), 0, 1)
    return np.asarray(disc / disc.sum(), np.float32)


def ridge(
    *, level: float, height: float, seed: int, scale: float = 1.0, rough: float = 0.5
) -> Callable[[Pixels], Pixels]:
    """A line of hills around `level`: `rough` is how much each finer octave has of the one before."""
    random = np.random.default_rng(seed)
    waves = [(scale * 1.9**octave * random.uniform(0.85, 1.15), random.random()) for octave in range(7)]

    def line(u: Pixels) -> Pixels:
        total = np.zeros_like(u)
        for octave, (frequency, phase) in enumerate(waves):
            total += rough**octave * np.sin(2 * np.pi * (u * frequency + phase))
        return np.asarray(level - height * total / 2, np.float32)

    return line


def rectangle(left: float, top: float, right: float, bottom: float) -> Sequence[tuple[float, float]]:
    """The corners of a rectangle."""
    return (left, top), (right, top), (right, bottom), (left, bottom)
