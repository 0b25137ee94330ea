"""A parametric eye: the same one can be drawn with any gaze, so that the truth of a correction is known.

It is a drawing, not a photograph: lids follow the gaze as an identity says, the iris lies on a turning ball, light and
skin are smooth functions with grain. x is to the right, y down, the origin half-way between the corners.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eyeline.models.training.gaze.identity import EyeIdentity

Image = NDArray[np.float32]
"""RGB in 0..1, `(rows, columns, 3)`."""

_FINE = 3  # samples for each pixel in each direction
_LID_POINTS = 9
_SCLERA = (0.86, 0.82, 0.80)
_SHADOW = 0.16
_LASHES = 26


@dataclass(frozen=True, slots=True)
class DrawnEye:
    """An eye and where everything in it is, in pixels.

    Args:
        image: The picture.
        upper: Upper lid from the left to the right corner: `(9, 2)`.
        lower: Lower lid, likewise.
        iris: Middle of the iris: `(2,)`.
        centre: Where the middle of the eyeball is seen: `(2,)`.
        radius_px: Of the iris.
        orbit_px: From the middle of the eyeball to the plane of the iris.
    """

    image: Image
    upper: NDArray[np.float32]
    lower: NDArray[np.float32]
    iris: NDArray[np.float32]
    centre: NDArray[np.float32]
    radius_px: float
    orbit_px: float


def draw_eye(
    who: EyeIdentity,
    gaze_degrees: tuple[float, float],
    *,
    size_px: tuple[int, int] = (64, 40),
    eye_width_px: float = 36.0,
    noise_seed: int = 0,
) -> DrawnEye:
    """Draw one eye.

    Args:
        who: Which eye, in what light.
        gaze_degrees: Yaw to the right and pitch upwards; 0, 0 looks into the camera.
        size_px: Width and height of the picture.
        eye_width_px: Between the corners, which lie around its middle.
        noise_seed: Of the camera's noise.
    """
    width, height = size_px
    x, y = _grid(size_px, eye_width_px)
    yaw, pitch = (math.radians(angle) for angle in gaze_degrees)
    iris = np.array([who.orbit * math.sin(yaw), who.centre_y - who.orbit * math.sin(pitch)], np.float32)
    travel = float(iris[1]) - who.centre_y
    top, bottom = _lids(who, x, travel)
    inside = _ramp((y - top) * eye_width_px) * _ramp((bottom - y) * eye_width_px) * (np.abs(x) < 0.5)
    skin = _skin(who, x, y, top, bottom)
    ball = _eyeball(who, x, y, top, iris, yaw, pitch)
    image = skin * (1 - inside[..., None]) + ball * inside[..., None]
    image = _lashed(who, image, x, y, top)
    image = image.reshape(height, _FINE, width, _FINE, 3).mean(axis=(1, 3))
    tint = np.array([1 + 0.08 * who.warmth, 1.0, 1 - 0.08 * who.warmth])
    image = image * who.brightness * tint
    image = image + np.random.default_rng(noise_seed).normal(0, who.noise, image.shape)
    points = np.linspace(-0.5, 0.5, _LID_POINTS, dtype=np.float32)
    upper, lower = _lids(who, points, travel)
    middle = np.array([(width - 1) / 2, (height - 1) / 2], np.float32)

    def placed(across: NDArray[np.float32], down: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(np.stack((across, down), axis=-1) * eye_width_px + middle, np.float32)

    return DrawnEye(
        image=np.clip(image, 0, 1).astype(np.float32),
        upper=placed(points, upper),
        lower=placed(points, lower),
        iris=iris * np.float32(eye_width_px) + middle,
        centre=np.array([0, who.centre_y], np.float32) * np.float32(eye_width_px) + middle,
        radius_px=who.radius * eye_width_px,
        orbit_px=who.orbit * eye_width_px,
    )


def _grid(size_px: tuple[int, int], eye_width_px: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    width, height = size_px
    columns = (np.arange(width * _FINE, dtype=np.float32) + 0.5) / _FINE - width / 2
    rows = (np.arange(height * _FINE, dtype=np.float32) + 0.5) / _FINE - height / 2
    x, y = np.meshgrid(columns / eye_width_px, rows / eye_width_px)
    return x.astype(np.float32), y.astype(np.float32)


def _lids(who: EyeIdentity, x: NDArray[np.float32], travel: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Heights of both lids at x, when the iris is `travel` below where it looks ahead."""
    arch = np.clip(1 - (2 * x) ** 2, 0, 1)
    line = -who.slant * x
    top = line - (who.open_up - who.upper_follows * travel) * arch**0.7
    bottom = line + (who.open_down + who.lower_follows * travel) * arch**0.9
    return top.astype(np.float32), np.maximum(bottom, top).astype(np.float32)


def _ramp(distance_px: NDArray[np.float32]) -> NDArray[np.float32]:
    """From 0 to 1 across one pixel."""
    return np.asarray(np.clip(distance_px + np.float32(0.5), 0, 1), np.float32)


def _smooth(values: NDArray[np.floating]) -> NDArray[np.float32]:
    t = np.clip(values, 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def _skin(
    who: EyeIdentity,
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    top: NDArray[np.float32],
    bottom: NDArray[np.float32],
) -> Image:
    shade = 0.92 + 0.14 * (who.light[0] * x - who.light[1] * y)
    above, near = top - y, _smooth((0.62 - np.abs(x)) / 0.16)
    shade = shade - 0.16 * np.exp(-((above - 0.30) ** 2) / 0.02)  # the hollow under the brow
    if who.crease:
        shade = shade - 0.22 * np.exp(-((above - who.crease) ** 2) / 0.0004) * near
    shade = shade - 0.10 * np.exp(-((y - bottom - 0.12) ** 2) / 0.003)  # below the lower lid
    for edge, strength in ((above, 0.25 + 0.6 * who.liner), (y - bottom, 0.10 + 0.3 * who.liner)):
        shade = shade * (1 - strength * np.exp(-(edge**2) / 0.0007) * near)
    grain = _grain(who.seed, x, y, 9.0) * 0.03
    return np.asarray(np.array(who.skin, np.float32) * (shade + grain)[..., None], np.float32)


def _eyeball(
    who: EyeIdentity,
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    top: NDArray[np.float32],
    iris: NDArray[np.float32],
    yaw: float,
    pitch: float,
) -> Image:
    white = np.array(_SCLERA, np.float32) * (1 - 0.9 * (x**2)[..., None])
    white = white + (_grain(who.seed + 1, x, y, 14.0) * 0.025)[..., None] * np.array([0.3, 1.0, 1.0], np.float32)
    red = _smooth((np.abs(x) - 0.36) / 0.14)[..., None]  # the corners
    white = white * (1 - red) + np.array([0.72, 0.45, 0.40], np.float32) * red
    # On the turning ball the disc of the iris is seen narrower.
    u, v = (x - iris[0]) / math.cos(yaw), (y - iris[1]) / math.cos(pitch)
    distance = np.sqrt(u**2 + v**2) / who.radius
    angle = np.arctan2(v, u)
    rays = 0.10 * np.sin(angle * 23 + who.seed) + 0.06 * np.sin(angle * 41 + 2 * who.seed)
    tone = (0.75 + 0.45 * distance + rays * (distance > who.pupil))[..., None]
    disc = np.array(who.iris, np.float32) * tone
    disc = disc * (1 - 0.55 * _smooth((distance - 0.8) / 0.2))[..., None]
    disc = disc * _smooth((distance - who.pupil) / 0.08 + 0.5)[..., None] + 0.03
    share = _smooth((1.04 - distance) / 0.1)[..., None]
    ball = white * (1 - share) + disc * share
    shadow = 1 - 0.55 * np.exp(-np.maximum(y - top, 0) / (_SHADOW * 0.5))
    ball = ball * shadow[..., None]
    glint_x, glint_y = iris[0] + who.glint[0] * who.radius, iris[1] + who.glint[1] * who.radius
    glint = np.exp(-((x - glint_x) ** 2 + (y - glint_y) ** 2) / (0.16 * who.radius) ** 2)[..., None]
    return np.asarray(ball * (1 - glint) + glint, np.float32)


def _lashed(
    who: EyeIdentity, image: Image, x: NDArray[np.float32], y: NDArray[np.float32], top: NDArray[np.float32]
) -> Image:
    """Lashes grow from the upper lid, outwards and up."""
    random = np.random.default_rng(who.seed + 2)
    dark = np.zeros_like(x)
    above = top - y
    for root in np.linspace(-0.48, 0.48, _LASHES):
        length = 0.05 + 0.05 * who.lashes * random.random()
        lean = root * 0.6 + random.normal(0, 0.1)
        away = np.abs(x - root - lean * above)
        dark = np.maximum(dark, np.exp(-((away / 0.006) ** 2)) * ((above > -0.01) & (above < length)))
    return np.asarray(image * (1 - 0.7 * who.lashes * dark[..., None]), np.float32)


def _grain(seed: int, x: NDArray[np.float32], y: NDArray[np.float32], frequency: float) -> NDArray[np.float32]:
    """Smooth unevenness around 0."""
    random = np.random.default_rng(seed)
    total = np.zeros_like(x)
    for octave in range(3):
        turn, phase = random.uniform(0, math.tau, 2)
        rate = frequency * 2**octave
        total += np.sin(rate * (math.cos(turn) * x + math.sin(turn) * y) + phase) / 2**octave
        total += np.sin(rate * (math.sin(turn) * x - math.cos(turn) * y) * 1.3 + 2 * phase) / 2**octave
    return np.asarray(total / 3, np.float32)
