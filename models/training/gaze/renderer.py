"""A parametric eye: the same one can be drawn with any gaze, so that the truth of a correction is known.

It is a drawing, not a photograph: lids follow the gaze as an identity says, the iris lies on a turning ball, light and
skin are smooth functions with grain. x is to the right, y down, the origin half-way between the corners.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eyeline.models.training.gaze import drawing
from eyeline.models.training.gaze.conditions import Conditions
from eyeline.models.training.gaze.identity import EyeIdentity

Image = NDArray[np.float32]
"""RGB in 0..1, `(rows, columns, 3)`."""

_FINE = 3
_LID_POINTS = 9
_LASHES, _LOWER_LASHES = 26, 15
_DEPTH = 0.2  # of the eye's width: how far the middle of the eyeball lies behind the corners
_BULGE = 0.12  # how far the lids lie before them
_PLAIN = Conditions()


@dataclass(frozen=True, slots=True)
class Placing:
    """How an eye lies in its picture.

    Args:
        size_px: Width and height of the picture.
        eye_width_px: Between the corners.
        middle_px: Of the corners, from the middle of the picture.
        roll: In radians, clockwise.
        fine: Samples for each pixel in each direction.
    """

    size_px: tuple[int, int] = (64, 40)
    eye_width_px: float = 36.0
    middle_px: tuple[float, float] = (0.0, 0.0)
    roll: float = 0.0
    fine: int = _FINE


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
    """Draw one eye of a head that faces the camera, with nothing before it.

    Args:
        who: Which eye, in what light.
        gaze_degrees: Yaw to the right and pitch upwards; 0, 0 looks into the camera.
        size_px: Width and height of the picture.
        eye_width_px: Between the corners, which lie around its middle.
        noise_seed: Of the camera's noise.
    """
    drawn = draw_scene(who, _PLAIN, gaze_degrees, Placing(size_px, eye_width_px))
    drawn.image[:] += np.random.default_rng(noise_seed).normal(0, who.noise, drawn.image.shape)
    np.clip(drawn.image, 0, 1, out=drawn.image)
    return drawn


def draw_scene(who: EyeIdentity, where: Conditions, gaze_degrees: tuple[float, float], placing: Placing) -> DrawnEye:
    """Draw one eye, before the camera has any say.

    Args:
        who: Which eye, in what light.
        where: Everything else.
        gaze_degrees: Yaw to the right and pitch upwards, seen from the camera.
        placing: In the picture.
    """
    eye, centre, iris, orbit = _numbers(who, where, gaze_degrees, placing)
    image = np.empty((placing.size_px[1], placing.size_px[0], 3), np.float32)
    upper_lashes, lower_lashes = _lashes(who)
    waves = np.concatenate([_waves(who.seed), _waves(who.seed + 1), _waves(who.seed + 3)])
    drawing.draw(
        eye, waves, upper_lashes, lower_lashes, where.glares, where.covers, placing.eye_width_px, placing.fine, image
    )
    across = np.linspace(-0.5, 0.5, _LID_POINTS)
    heights = np.array([drawing.lid_heights(eye, x) for x in across])

    def placed(points: NDArray[np.floating]) -> NDArray[np.float32]:
        cosine, sine = math.cos(placing.roll), math.sin(placing.roll)
        turned = points @ np.array([[cosine, sine], [-sine, cosine]]) * placing.eye_width_px
        return np.asarray(turned + (np.array(placing.size_px) - 1) / 2 + np.array(placing.middle_px), np.float32)

    return DrawnEye(
        image=image,
        upper=placed(np.stack((across, heights[:, 0]), axis=1)),
        lower=placed(np.stack((across, heights[:, 1]), axis=1)),
        iris=placed(np.array(iris)),
        centre=placed(np.array(centre)),
        radius_px=float(eye[drawing.RADIUS]) * placing.eye_width_px,
        orbit_px=orbit * placing.eye_width_px,
    )


def _numbers(
    who: EyeIdentity, where: Conditions, gaze_degrees: tuple[float, float], placing: Placing
) -> tuple[NDArray[np.float32], tuple[float, float], tuple[float, float], float]:
    """What the loop takes; the middle of the eyeball, that of the iris, and its orbit, all in widths of the eye.

    A head that turns aside brings the corners nearer to each other, while heights and the eyeball stay what they are.
    """
    yaw, pitch = (math.radians(angle) for angle in gaze_degrees)
    head_yaw, head_pitch = (math.radians(angle) for angle in where.head_degrees)
    wider = 1 / math.cos(head_yaw)
    orbit = who.orbit * wider
    centre = -_DEPTH * math.tan(head_yaw), (who.centre_y + _DEPTH * math.sin(head_pitch)) * wider
    iris = centre[0] + orbit * math.sin(yaw), centre[1] - orbit * math.sin(pitch)
    travel = -who.orbit * math.sin(pitch - head_pitch) * where.follow  # lids follow the eye as it turns in the head
    lifted = _BULGE * math.sin(head_pitch)
    eye = np.zeros(drawing.EYE_NUMBERS, np.float32)
    eye[drawing.SKIN : drawing.SKIN + 3] = who.skin
    eye[drawing.IRIS : drawing.IRIS + 3] = np.array(who.iris) * where.iris_light
    eye[drawing.TINT : drawing.TINT + 3] = (
        who.brightness * (1 + 0.08 * who.warmth),
        who.brightness,
        who.brightness * (1 - 0.08 * who.warmth),
    )
    eye[drawing.MAKE_UP : drawing.MAKE_UP + 4] = (*where.make_up[0], where.make_up[1])
    eye[drawing.RADIUS : drawing.NARROW_Y + 1] = (
        who.radius * wider, who.pupil, *centre, *iris, math.cos(yaw), math.cos(pitch)
    )  # fmt: skip
    eye[drawing.OPEN_UP : drawing.LINER + 1] = (
        ((who.open_up - who.upper_follows * travel) * where.wideness + lifted) * wider,
        ((who.open_down + who.lower_follows * travel) * where.wideness - lifted) * wider,
        who.slant,
        *where.skew,
        who.crease,
        who.lashes,
        who.liner,
    )
    eye[drawing.LIGHT_X : drawing.SEED + 1] = (*who.light, *who.glint, where.inner, who.seed)
    eye[drawing.BROW : drawing.PORES + 1] = (*where.brow, *where.folds)
    eye[drawing.WHITE : drawing.SLOPE_Y + 1] = (
        *where.white,
        where.limbus,
        where.waterline,
        where.lower_lashes,
        *where.slope,
    )
    eye[drawing.WINDOW : drawing.WINDOW + 5] = where.window
    eye[drawing.GLASSES : drawing.GLASSES + 7] = where.glasses
    eye[drawing.MIDDLE_X :] = (*placing.middle_px, placing.roll)
    return eye, centre, iris, orbit


def _waves(seed: int) -> NDArray[np.float32]:
    """Turn and phase of three octaves of grain."""
    return np.random.default_rng(seed).uniform(0, math.tau, (3, 2)).astype(np.float32)


def _lashes(who: EyeIdentity) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Lashes grow from the lids outwards, and away from the eye: root, length and lean of each."""
    random = np.random.default_rng(who.seed + 2)
    upper = [
        (root, 0.05 + 0.05 * who.lashes * random.random(), root * 0.6 + random.normal(0, 0.1))
        for root in np.linspace(-0.48, 0.48, _LASHES)
    ]
    lower = [
        (root, 0.02 + 0.03 * random.random(), root * 0.5 + random.normal(0, 0.1))
        for root in np.linspace(-0.42, 0.42, _LOWER_LASHES)
    ]
    return np.array(upper, np.float32), np.array(lower, np.float32)
