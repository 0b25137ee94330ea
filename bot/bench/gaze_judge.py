"""An independent judge of where eyes look: networks of the Open Model Zoo, never part of the product.

Needs the package `openvino` and the networks' files; where one is missing there is no judge.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from eyeline.processing.frame import Plane

_EYE_ROOM = 1.8  # side of the crop of an eye, in distances of its corners
_FACE_SURE = 0.5

Corners = NDArray[np.float32]
"""Outer and inner corner of the right eye, then of the left one (the person's): `(4, 2)` in pixels."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What is taken once from the frame before it was changed, and holds for both.

    Args:
        head_degrees: Yaw, pitch and roll as the judge sees them: `(1, 3)`.
        corners: Of the eyes.
    """

    head_degrees: NDArray[np.float32]
    corners: Corners


@dataclass(frozen=True, slots=True)
class Judgement:
    """Where the eyes look, seen from the camera.

    Args:
        yaw_degrees: 0 towards the camera.
        pitch_degrees: 0 towards the camera, up positive.
        angle_degrees: Between the gaze and the way to the camera.
    """

    yaw_degrees: float
    pitch_degrees: float
    angle_degrees: float


class GazeJudge:
    """`gaze-estimation-adas-0002` with the head pose and face nets that belong to it (Apache-2.0)."""

    def __init__(self, faces: Any, head: Any, gaze: Any) -> None:
        self._faces, self._head, self._gaze = faces, head, gaze

    @classmethod
    def load(cls, folder: Path) -> Self | None:
        """The judge of a folder of `.xml` and `.bin` files; `None` where anything is missing."""
        names = ("face-detection-adas-0001", "head-pose-estimation-adas-0001", "gaze-estimation-adas-0002")
        files = [folder / f"{name}.xml" for name in names]
        try:
            from openvino import Core
        except ImportError:
            return None
        if not all(file.is_file() for file in files):
            return None
        core = Core()
        core.set_property("CPU", {"INFERENCE_NUM_THREADS": 1})
        faces, head, gaze = (core.compile_model(file, "CPU") for file in files)
        return cls(faces, head, gaze)

    def scene(self, bgr: Plane, corners: Corners) -> Scene | None:
        """Look at the unchanged frame; `None` where no face holds these eyes."""
        height_px, width_px = bgr.shape[:2]
        _, _, rows, columns = self._faces.inputs[0].shape
        found = self._faces({0: _planes(bgr, columns, rows)})[self._faces.outputs[0]].reshape(-1, 7)
        middle = corners.mean(axis=0)
        for _, _, sure, left, top, right, bottom in found:
            box = left * width_px, top * height_px, right * width_px, bottom * height_px
            if sure >= _FACE_SURE and box[0] < middle[0] < box[2] and box[1] < middle[1] < box[3]:
                face = bgr[max(0, round(box[1])) : round(box[3]), max(0, round(box[0])) : round(box[2])]
                return Scene(self._head_degrees(face), corners)
        return None

    def judge(self, bgr: Plane, scene: Scene) -> Judgement:
        """Look at the eyes of a frame, changed or not."""
        roll_degrees = float(scene.head_degrees[0, 2])
        right, left = (self._eye(bgr, scene.corners[i : i + 2], roll_degrees) for i in (0, 2))
        upright = scene.head_degrees.copy()
        upright[0, 2] = 0
        # The order of the eyes is settled by symmetry: only so a mirrored frame gives the mirrored answer.
        x, y, z = self._gaze({"left_eye_image": left, "right_eye_image": right, "head_pose_angles": upright})[
            self._gaze.outputs[0]
        ][0]
        length = math.sqrt(float(x * x + y * y + z * z)) or 1.0
        cosine, sine = math.cos(math.radians(roll_degrees)), math.sin(math.radians(roll_degrees))
        across, up, away = (x * cosine + y * sine) / length, (y * cosine - x * sine) / length, -z / length
        return Judgement(
            math.degrees(math.atan2(across, away)),
            math.degrees(math.asin(min(1.0, max(-1.0, up)))),
            math.degrees(math.acos(min(1.0, max(-1.0, away)))),
        )

    def _head_degrees(self, face: Plane) -> NDArray[np.float32]:
        output = self._head({0: _planes(face, 60, 60)})
        values = {port.any_name: float(output[port].reshape(-1)[0]) for port in self._head.outputs}
        return np.array([[values["angle_y_fc"], values["angle_p_fc"], values["angle_r_fc"]]], np.float32)

    @staticmethod
    def _eye(bgr: Plane, corners: Corners, roll_degrees: float) -> NDArray[np.float32]:
        side = _EYE_ROOM * float(np.linalg.norm(corners[1] - corners[0]))
        scale, (x, y) = 60 / max(side, 1.0), corners.mean(axis=0)
        move = cv2.getRotationMatrix2D((float(x), float(y)), roll_degrees, scale)
        move[:, 2] += 30 - x, 30 - y
        crop = cv2.warpAffine(bgr, move, (60, 60), flags=cv2.INTER_LINEAR)
        return np.ascontiguousarray(crop.transpose(2, 0, 1)[None], np.float32)


def _planes(bgr: Plane, columns: int, rows: int) -> NDArray[np.float32]:
    resized = cv2.resize(bgr, (columns, rows), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(resized.transpose(2, 0, 1)[None], np.float32)
