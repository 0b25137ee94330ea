"""A real face whose eyes can be found, what is put before it, and the real nets that find it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from eyeline.models.registry import FACE_DETECTION, FACE_LANDMARKS, IRIS_LANDMARKS
from eyeline.models.store import default_directory
from eyeline.processing.frame import I420Image
from eyeline.processing.gaze.estimate import Eye, GazeEstimate, Visibility
from eyeline.processing.gaze.face_nets import EyePoints, FaceNets
from eyeline.processing.gaze.face_tracker import FaceTracker
from eyeline.processing.gaze.head import HeadPose

CLIPS = Path(__file__).resolve().parents[1] / "../shared/clips/gaze"
CLEAR = Visibility(contrast=80.0, glare=0.0, sharpness=15.0, strange=0.0)


def face_files() -> tuple[Path, Path, Path]:
    """The real weights; skips the test where they were never fetched."""
    files = tuple(default_directory() / entry.file_name for entry in (FACE_DETECTION, FACE_LANDMARKS, IRIS_LANDMARKS))
    if not all(file.is_file() for file in files):
        pytest.skip("the weights are not on this machine: eyeline models fetch")
    return files[0], files[1], files[2]


def load_tracker() -> FaceTracker:
    return FaceTracker(FaceNets.load(*face_files()))


def portrait_bgr(scale: float = 2.0, part: tuple[slice, slice] = (slice(0, 320), slice(40, 480))) -> NDArray[np.uint8]:
    """scikit-image's astronaut from head to breast, who looks past the camera; about 440 by 320 before scaling."""
    bgr = data.astronaut()[..., ::-1][part]
    size = round(bgr.shape[1] * scale / 2) * 2, round(bgr.shape[0] * scale / 2) * 2
    return np.ascontiguousarray(cv2.resize(bgr, size, interpolation=cv2.INTER_CUBIC))


def portrait(scale: float = 2.0) -> I420Image:
    return I420Image.from_bgr(portrait_bgr(scale))


def estimate(
    *,
    at_s: float = 0.0,
    yaw: float = 0.0,
    pitch: float = 0.0,
    openness: float = 0.3,
    head_yaw: float = 0.0,
    px_per_mm: float = 2.0,
    visibility: Visibility = CLEAR,
    radius_mm: float = 5.8,
) -> GazeEstimate:
    """What a tracker would say of a face before the camera, whose eyes look somewhere."""
    head = HeadPose(np.eye(3, dtype=np.float32), px_per_mm, head_yaw, -8.0, 0.0)
    right = _eye(320.0, yaw, pitch, openness, px_per_mm, visibility, radius_mm)
    left = _eye(460.0, yaw, pitch, openness, px_per_mm, visibility, radius_mm)
    return GazeEstimate(at_s, head, right, left, np.zeros((468, 3), np.float32), 1.0)


def leaning(seen: GazeEstimate, roll: float) -> GazeEstimate:
    """The same head, tilted by an angle in radians, clockwise in the picture."""
    turn = np.array([[np.cos(roll), np.sin(roll)], [-np.sin(roll), np.cos(roll)]], np.float32)

    def of(eye: Eye) -> Eye:
        points = EyePoints(*(part @ turn for part in (eye.points.upper, eye.points.lower, eye.points.iris)))
        return replace(eye, points=points, centre_px=eye.centre_px @ turn)

    return replace(seen, head=replace(seen.head, roll=roll), right=of(seen.right), left=of(seen.left))


def _eye(
    x: float, yaw: float, pitch: float, openness: float, px_per_mm: float, visibility: Visibility, radius_mm: float
) -> Eye:
    centre = np.array([x, 300.0], np.float32)
    # As nets see it: of the way up or down a third, and the lids with it; how far they are apart is given.
    down_mm, open_mm = -10.5 * np.sin(np.radians(pitch)), openness * 30
    iris_mm = -1.84 + 0.3 * down_mm
    upper_mm = (-7.9 - 1.6 * np.sin(np.radians(8)) + down_mm - 2.25 * iris_mm - 0.8 * open_mm) / (1.14 + 0.8)
    iris = centre + np.array([np.sin(np.radians(yaw)) * 10.5, iris_mm], np.float32) * px_per_mm
    half_px = 15 * px_per_mm
    across = np.linspace(-1, 1, 9, dtype=np.float32)
    arch = 1 - across**2
    upper = np.stack((x + across * half_px, 300 + upper_mm * px_per_mm * arch), axis=1)
    lower = np.stack((x + across * half_px, 300 + (upper_mm + open_mm) * px_per_mm * arch), axis=1)
    edge = np.array([(0, 0), (1, 0), (0, -1), (-1, 0), (0, 1)], np.float32) * np.float32(radius_mm * px_per_mm)
    points = EyePoints(upper.astype(np.float32), lower.astype(np.float32), (iris + edge).astype(np.float32))
    return Eye(points, centre, radius_mm * px_per_mm, openness, visibility)
