"""The warper against drawn eyes, whose true look into the camera is known."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from eyeline.models.training.gaze.identity import EyeIdentity
from eyeline.models.training.gaze.renderer import DrawnEye, Image, draw_eye
from eyeline.processing.frame import I420Image
from eyeline.processing.gaze.estimate import Eye, Visibility
from eyeline.processing.gaze.face_nets import EyePoints
from eyeline.processing.gaze.warper import EyeMove, Warper

_SEED = 20_000  # none that anything is trained with
_MOST_YAW_DEGREES, _LEAST_PITCH_DEGREES, _MOST_PITCH_DEGREES = 22.0, -10.0, 20.0
_CLEAR = Visibility(contrast=80.0, glare=0.0, sharpness=15.0, strange=0.0)


def synthetic_db(warper: Warper, *, eyes: int = 60, noise_px: float = 0.5) -> tuple[float, float]:
    """How near corrected eyes come to the truth, as the mean PSNR over drawn eyes that look elsewhere.

    Args:
        warper: What turns them.
        eyes: How many.
        noise_px: Of the landmarks.

    Returns:
        In dB: uncorrected, and corrected.
    """
    random = np.random.default_rng(0)
    before, after = [], []
    for index in range(eyes):
        who = EyeIdentity.of(_SEED + index)
        yaw = random.uniform(-_MOST_YAW_DEGREES, _MOST_YAW_DEGREES)
        pitch = -random.uniform(_LEAST_PITCH_DEGREES, _MOST_PITCH_DEGREES)
        away = draw_eye(who, (float(yaw), float(pitch)), noise_seed=2 * index)
        truth = _stored(draw_eye(who, (0.0, 0.0), noise_seed=2 * index).image)
        image = _stored(away.image)
        noise = random.normal(0, noise_px, 2).astype(np.float32)
        eye = _seen(away, random.normal(0, noise_px, (2, 9, 2)).astype(np.float32) / 2, noise)
        shift = away.centre - away.iris - noise
        corrected = warper.warp(image, [EyeMove(eye, shift, (math.cos(math.radians(float(yaw))), 1.0))])
        before.append(_psnr(image, truth))
        after.append(_psnr(corrected, truth))
    return float(np.mean(before)), float(np.mean(after))


def _seen(drawn: DrawnEye, lid_noise: NDArray[np.floating], iris_noise: NDArray[np.floating]) -> Eye:
    """A drawn eye as a tracker would see it."""
    iris = drawn.iris + iris_noise
    edge = np.array([(1, 0), (0, -1), (-1, 0), (0, 1)], np.float32) * np.float32(drawn.radius_px)
    points = EyePoints(
        (drawn.upper + lid_noise[0]).astype(np.float32),
        (drawn.lower + lid_noise[1]).astype(np.float32),
        np.vstack((iris, iris + edge)).astype(np.float32),
    )
    return Eye(points, drawn.centre, drawn.radius_px, 0.3, _CLEAR)


def _stored(image: Image) -> I420Image:
    bgr = np.rint(image[..., ::-1] * 255).astype(np.uint8)
    return I420Image.from_bgr(np.ascontiguousarray(bgr))


def _psnr(one: I420Image, other: I420Image) -> float:
    error = float(np.mean((one.to_bgr().astype(np.float32) - other.to_bgr().astype(np.float32)) ** 2))
    return 10 * math.log10(255**2 / max(error, 1e-6))
