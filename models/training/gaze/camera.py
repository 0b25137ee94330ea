"""What a camera and a codec do to a drawn eye."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from eyeline.models.training.gaze.conditions import Conditions
from eyeline.models.training.gaze.renderer import Image

Planes = NDArray[np.uint8]
"""I420, packed: `(rows * 3 / 2, columns)`; limited range, BT.601."""

_REFERENCE_PX = 40.0


def developed(image: Image, where: Conditions, eye_width_px: float) -> Image:
    """Lens and tone curve: what two pictures of the same eye have in common."""
    sigma = where.blur_px * eye_width_px / _REFERENCE_PX
    if sigma > 0.05:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.float32)
    if where.halo > 0:
        image = image + np.float32(where.halo) * (image - np.asarray(cv2.GaussianBlur(image, (0, 0), 1.0), np.float32))
    return np.asarray(np.clip(image, 0, 1) ** np.float32(where.gamma), np.float32)


def as_planes(image: Image) -> Planes:
    """As a frame holds it."""
    bgr = np.rint(np.clip(image[..., ::-1], 0, 1) * 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(bgr), cv2.COLOR_BGR2YUV_I420), np.uint8)


def transmitted(image: Image, where: Conditions, random: np.random.Generator) -> Planes:
    """With the noise of the sensor and the traces of compression, which no two pictures share."""
    noise = random.normal(0, 1, image.shape).astype(np.float32)
    if where.noise > 0.01:  # what is strong was smoothed by the camera, and so is coarse
        noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), 0.7), np.float32) * 1.8
    noisy = image + np.float32(where.noise) * noise
    bgr = np.rint(np.clip(noisy[..., ::-1], 0, 1) * 255).astype(np.uint8)
    if where.quality:
        _, stream = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, where.quality])
        bgr = np.asarray(cv2.imdecode(stream, cv2.IMREAD_COLOR), np.uint8)
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(bgr), cv2.COLOR_BGR2YUV_I420), np.uint8)
