"""The pixels of a drawn eye: one compiled loop over samples.

x is to the right, y down, the origin half-way between the corners, lengths in widths of the eye.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

Values = NDArray[np.float32]

_Function = TypeVar("_Function", bound=Callable[..., Any])

# Where the numbers of an eye are in their array.
SKIN, IRIS, TINT, MAKE_UP = 0, 3, 6, 9
RADIUS, PUPIL, CENTRE_X, CENTRE_Y, IRIS_X, IRIS_Y, NARROW_X, NARROW_Y = 13, 14, 15, 16, 17, 18, 19, 20
OPEN_UP, OPEN_DOWN, SLANT, SKEW_UP, SKEW_DOWN, CREASE, LASHES, LINER = 21, 22, 23, 24, 25, 26, 27, 28
LIGHT_X, LIGHT_Y, GLINT_X, GLINT_Y, INNER, SEED = 29, 30, 31, 32, 33, 34
BROW, BROW_Y, BROW_THICK, BROW_SLANT, BAGS, WRINKLES, PORES = 35, 36, 37, 38, 39, 40, 41
WHITE, PINK, YELLOW, LIMBUS, WATERLINE, LOWER_LASHES, SLOPE_X, SLOPE_Y = 42, 43, 44, 45, 46, 47, 48, 49
WINDOW, GLASSES = 50, 55
MIDDLE_X, MIDDLE_Y, ROLL = 62, 63, 64
EYE_NUMBERS = 65


def _kept(function: _Function) -> _Function:
    """Compile, and keep the machine code where that can be."""
    try:
        result: Any = njit(cache=True, nogil=True, fastmath=True, error_model="numpy")(function)
    except RuntimeError:  # no directory can be written
        result = njit(nogil=True, fastmath=True, error_model="numpy")(function)
    return cast("_Function", result)


@_kept
def _smooth(t: float) -> float:
    t = min(max(t, 0.0), 1.0)
    return t * t * (3 - 2 * t)


@_kept
def _grain(waves: Values, first: int, x: float, y: float, frequency: float) -> float:
    """Smooth unevenness around 0; `waves` holds a turn and a phase for each octave."""
    total = 0.0
    for octave in range(3):
        turn, phase = waves[first + octave, 0], waves[first + octave, 1]
        rate = frequency * 2**octave
        cosine, sine = math.cos(turn), math.sin(turn)
        total += math.sin(rate * (cosine * x + sine * y) + phase) / 2**octave
        total += math.sin(rate * (sine * x - cosine * y) * 1.3 + 2 * phase) / 2**octave
    return total / 3


@_kept
def lid_heights(eye: Values, x: float) -> tuple[float, float]:
    """Upper and lower lid at x."""
    u = 2 * x
    arch = min(max(1 - u * u, 0.0), 1.0)
    line = -eye[SLANT] * x
    top = line - eye[OPEN_UP] * arch**0.7 * (1 + eye[SKEW_UP] * u)
    bottom = line + eye[OPEN_DOWN] * arch**0.9 * (1 + eye[SKEW_DOWN] * u)
    return top, max(bottom, top)


@_kept
def _skin(eye: Values, waves: Values, x: float, y: float, top: float, bottom: float, color: Values) -> None:
    shade = 0.92 + 0.14 * (eye[LIGHT_X] * x - eye[LIGHT_Y] * y)
    above, below, near = top - y, y - bottom, _smooth((0.62 - abs(x)) / 0.16)
    shade -= 0.16 * math.exp(-((above - 0.30) ** 2) / 0.02)  # the hollow under the brow
    if eye[CREASE] > 0:
        shade -= 0.22 * math.exp(-((above - eye[CREASE]) ** 2) / 0.0004) * near
    shade -= 0.10 * math.exp(-((below - 0.12) ** 2) / 0.003)
    shade -= 0.10 * eye[BAGS] * math.exp(-((below - 0.24 + 0.2 * x * x) ** 2) / 0.0012)
    if eye[WRINKLES] > 0:
        beside = _smooth((abs(x) - 0.5) * 5)
        shade -= 0.12 * eye[WRINKLES] * beside * (0.5 + 0.5 * math.sin(70 * y + 25 * abs(x) + eye[SEED]))
    shade *= 1 - (0.25 + 0.6 * eye[LINER]) * math.exp(-(above**2) / 0.0007) * near
    shade *= 1 - (0.10 + 0.3 * eye[LINER]) * math.exp(-(below**2) / 0.0007) * near
    shade += _grain(waves, 0, x, y, 9.0) * 0.03
    if eye[PORES] > 0:
        shade += _grain(waves, 6, x, y, 45.0) * 0.025 * eye[PORES]
    painted = eye[MAKE_UP + 3] * _smooth(1.2 - above / 0.16) * near if above > 0 else 0.0
    hair = 0.0
    if eye[BROW] > 0:
        off = abs(y + eye[BROW_Y] - eye[BROW_SLANT] * x - 0.12 * x * x) / eye[BROW_THICK]
        if off < 1.4:
            streaks = 0.75 + 0.25 * math.sin(90 * (x + 0.6 * y) + 3 * math.sin(17 * x + eye[SEED]))
            hair = eye[BROW] * _smooth((1.4 - off) / 0.8) * streaks * _smooth((0.8 - abs(x)) / 0.2)
    for channel in range(3):
        base = eye[SKIN + channel] * (1 - painted) + eye[MAKE_UP + channel] * painted
        color[channel] = base * shade * (1 - 0.85 * hair)


@_kept
def _eyeball(eye: Values, waves: Values, x: float, y: float, top: float, bottom: float, color: Values) -> None:
    grain = _grain(waves, 3, x, y, 14.0) * 0.025
    dark = 1 - 0.9 * x * x
    lightness = 1 + 0.25 * eye[WHITE]
    color[0] = 0.86 * dark * lightness + grain * 0.3
    color[1] = (0.82 * dark + grain) * lightness - 0.08 * eye[PINK]
    color[2] = (0.80 * dark + grain) * lightness - 0.08 * eye[PINK] - 0.12 * eye[YELLOW]
    red = _smooth((abs(x) - 0.36) / 0.14)
    if eye[INNER] != 0:
        red = max(_smooth((x * eye[INNER] - 0.33) / 0.08), 0.5 * _smooth((-x * eye[INNER] - 0.42) / 0.08))
    flesh = (0.72, 0.45, 0.40)
    # On the turning ball the disc of the iris is seen narrower.
    u, v = (x - eye[IRIS_X]) / eye[NARROW_X], (y - eye[IRIS_Y]) / eye[NARROW_Y]
    distance = math.sqrt(u * u + v * v) / eye[RADIUS]
    share = _smooth((1.04 - distance) / 0.1)
    angle = math.atan2(v, u)
    rays = 0.10 * math.sin(angle * 23 + eye[SEED]) + 0.06 * math.sin(angle * 41 + 2 * eye[SEED])
    tone = 0.75 + 0.45 * distance + (rays if distance > eye[PUPIL] else 0.0)
    tone *= (1 - 0.55 * _smooth((distance - 0.8) / 0.2)) * (1 - 0.4 * eye[LIMBUS] * _smooth((distance - 0.65) / 0.3))
    tone *= _smooth((distance - eye[PUPIL]) / 0.08 + 0.5)
    shadow = 1 - 0.55 * math.exp(-max(y - top, 0.0) / 0.08)
    wet = 0.5 * eye[WATERLINE] * math.exp(-(((bottom - y) / 0.012) ** 2))
    glint_x, glint_y = x - eye[IRIS_X] - eye[GLINT_X] * eye[RADIUS], y - eye[IRIS_Y] - eye[GLINT_Y] * eye[RADIUS]
    glint = math.exp(-(glint_x * glint_x + glint_y * glint_y) / (0.16 * eye[RADIUS]) ** 2)
    if eye[WINDOW + 4] > 0:
        across = abs(x - eye[IRIS_X] - eye[WINDOW] * eye[RADIUS]) / eye[RADIUS] - eye[WINDOW + 2]
        down = abs(y - eye[IRIS_Y] - eye[WINDOW + 1] * eye[RADIUS]) / eye[RADIUS] - eye[WINDOW + 3]
        glint = max(glint, eye[WINDOW + 4] * _smooth(0.5 - 8 * max(across, down)))
    for channel in range(3):
        value = color[channel] * (1 - red) + flesh[channel] * red
        value = value * (1 - share) + (eye[IRIS + channel] * tone + 0.03) * share
        value *= shadow
        value += wet * (eye[SKIN + channel] * 0.5 + 0.5 - value)
        color[channel] = value * (1 - glint) + glint


@_kept
def _lashes(lashes: Values, x: float, away: float) -> float:
    """How much a lash hides at x, `away` from the lid; a row of `lashes` is a root, a length and a lean."""
    dark = 0.0
    if -0.01 < away < 0.11:
        for lash in range(lashes.shape[0]):
            if away < lashes[lash, 1]:
                aside = (x - lashes[lash, 0] - lashes[lash, 2] * away) / 0.006
                if abs(aside) < 4:
                    dark = max(dark, math.exp(-aside * aside))
    return dark


@_kept
def _before_it(eye: Values, glares: Values, covers: Values, x: float, y: float, fine: float, color: Values) -> None:
    """Glasses, what they mirror, and whatever else is held before the eye."""
    if eye[GLASSES + 4] > 0:
        across, down = abs(x - eye[GLASSES]) / eye[GLASSES + 2], abs(y - eye[GLASSES + 1]) / eye[GLASSES + 3]
        away = ((across**4 + down**4) ** 0.25 - 1) * min(eye[GLASSES + 2], eye[GLASSES + 3])
        rim = _smooth((eye[GLASSES + 4] - abs(away)) / fine + 0.5)
        lens = eye[GLASSES + 6] if away < 0 else 0.0
        shine = 0.25 * math.exp(-(((away + 0.4 * eye[GLASSES + 4]) / (0.35 * eye[GLASSES + 4])) ** 2))
        for channel in range(3):
            color[channel] = color[channel] * (1 - lens) * (1 - rim) + (eye[GLASSES + 5] + shine) * rim
    for row in range(glares.shape[0]):
        cosine, sine = math.cos(glares[row, 4]), math.sin(glares[row, 4])
        dx, dy = x - glares[row, 0], y - glares[row, 1]
        across, down = abs(cosine * dx + sine * dy) - glares[row, 2], abs(cosine * dy - sine * dx) - glares[row, 3]
        share = glares[row, 5] * _smooth(0.5 - max(across, down) / 0.04)
        for channel in range(3):
            color[channel] += share * (0.95 - color[channel])
    for row in range(covers.shape[0]):
        ax, ay = covers[row, 2] - covers[row, 0], covers[row, 3] - covers[row, 1]
        dx, dy = x - covers[row, 0], y - covers[row, 1]
        along = min(max((dx * ax + dy * ay) / max(ax * ax + ay * ay, 1e-6), 0.0), 1.0)
        dx, dy = dx - along * ax, dy - along * ay
        away = math.sqrt(dx * dx + dy * dy) / covers[row, 4]
        share = _smooth((1 - away) * covers[row, 4] / covers[row, 5] + 0.5)
        if share > 0:
            shade = 1 - 0.4 * away * away + 0.05 * math.sin(31 * x + 47 * y)
            for channel in range(3):
                color[channel] += share * (covers[row, 6 + channel] * shade - color[channel])


@_kept
def draw(
    eye: Values,
    waves: Values,
    upper_lashes: Values,
    lower_lashes: Values,
    glares: Values,
    covers: Values,
    eye_width_px: float,
    fine: int,
    out: Values,
) -> None:
    """Draw one eye.

    Args:
        eye: Its numbers, in the order of the constants above: `float32`, `(EYE_NUMBERS,)`.
        waves: Turn and phase of its grain: `(9, 2)`.
        upper_lashes: Root, length and lean of each: `(lashes, 3)`.
        lower_lashes: Likewise.
        glares: See `Conditions`.
        covers: See `Conditions`.
        eye_width_px: Between the corners.
        fine: Samples for each pixel in each direction.
        out: Filled: RGB, `float32`, `(rows, columns, 3)`.
    """
    height, width = out.shape[:2]
    color, ball = np.empty(3, np.float32), np.empty(3, np.float32)
    cosine, sine = math.cos(eye[ROLL]), math.sin(eye[ROLL])
    for row in range(height):
        for column in range(width):
            red, green, blue = 0.0, 0.0, 0.0
            for sample in range(fine * fine):
                across = (column + (sample % fine + 0.5) / fine - width / 2 - eye[MIDDLE_X]) / eye_width_px
                down = (row + (sample // fine + 0.5) / fine - height / 2 - eye[MIDDLE_Y]) / eye_width_px
                x, y = cosine * across + sine * down, cosine * down - sine * across
                top, bottom = lid_heights(eye, x)
                inside = 0.0
                if abs(x) < 0.5:
                    inside = min(max((y - top) * eye_width_px + 0.5, 0.0), 1.0)
                    inside *= min(max((bottom - y) * eye_width_px + 0.5, 0.0), 1.0)
                if inside < 1:
                    _skin(eye, waves, x, y, top, bottom, color)
                if inside > 0:
                    _eyeball(eye, waves, x, y, top, bottom, ball)
                    for channel in range(3):
                        below = color[channel] * (1 - inside) if inside < 1 else 0.0
                        color[channel] = below + ball[channel] * inside
                dark = 0.7 * eye[LASHES] * _lashes(upper_lashes, x, top - y)
                if eye[LOWER_LASHES] > 0:
                    dark = max(dark, 0.6 * eye[LOWER_LASHES] * _lashes(lower_lashes, x, y - bottom))
                for channel in range(3):
                    color[channel] *= 1 - dark
                _before_it(eye, glares, covers, x, y, 1 / eye_width_px, color)
                light = (1 + eye[SLOPE_X] * x + eye[SLOPE_Y] * y) / (fine * fine)
                red += color[0] * light
                green += color[1] * light
                blue += color[2] * light
            out[row, column, 0] = red * eye[TINT]
            out[row, column, 1] = green * eye[TINT + 1]
            out[row, column, 2] = blue * eye[TINT + 2]
