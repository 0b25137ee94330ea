"""The three nets of the face tracker: they find faces, the points of one, and the points of its eyes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from eyeline.config.errors import ModelError
from eyeline.models.registry import FACE_DETECTION, FACE_LANDMARKS, IRIS_LANDMARKS
from eyeline.models.runtimes import RuntimeChoice
from eyeline.models.runtimes.litert_outputs import PointsRuntime
from eyeline.models.runtimes.points import load_points
from eyeline.processing.frame import I420Image
from eyeline.processing.gaze.region import Points, Region

FACE_NETS = FACE_DETECTION.name, FACE_LANDMARKS.name, IRIS_LANDMARKS.name
"""Names of the weights, in the order of `FaceNets.load`."""

_FOUND, _MESH, _EYE = (896 * 16, 896), (468 * 3, 1), (71 * 3, 5 * 3)  # how many values each net gives
_FACE = 0.5
_OVERLAP = 0.3
_UPPER = [0, *range(9, 16), 8]  # of the iris net's contour: the lower lid with both corners, then the upper one


class TrackingError(ModelError):
    """A net of the face tracker gave something that cannot be."""

    code = "tracking"


@dataclass(frozen=True, slots=True)
class FoundFace:
    """A face that the detector sees.

    Args:
        score: How surely it is one, 0 to 1.
        region: Square around it, with the room that the mesh net wants.
    """

    score: float
    region: Region


@dataclass(frozen=True, slots=True)
class EyePoints:
    """Lids and iris of one eye, in pixels.

    Args:
        upper: Upper lid from the outer to the inner corner, `(9, 2)`, both corners included.
        lower: Lower lid, likewise.
        iris: Middle of the iris, then four points of its edge: `(5, 2)`.
    """

    upper: Points
    lower: Points
    iris: Points


@dataclass(frozen=True, slots=True)
class SeenEye(EyePoints):
    """What the iris net sees, in pixels of its input, in which every eye is a right one.

    Args:
        patch: Its input: `(1, side, side, 3)`, RGB in 0..1; valid until the net is run again.
        in_frame: The same points in pixels of the frame.
    """

    patch: NDArray[np.float32]
    in_frame: EyePoints


class FaceNets:
    """Feeds the nets and checks what they give; used by one thread at a time.

    Args:
        detector: Takes `(1, 128, 128, 3)` in [-1, 1].
        mesh: Takes `(1, 192, 192, 3)` in [0, 1].
        iris: Takes `(1, 64, 64, 3)` in [0, 1].
    """

    def __init__(self, detector: PointsRuntime, mesh: PointsRuntime, iris: PointsRuntime) -> None:
        self._detector, self._mesh, self._iris = detector, mesh, iris
        self._detector_input = np.zeros(detector.input_shape, np.float32)
        self._mesh_input = np.zeros(mesh.input_shape, np.float32)
        self._iris_input = np.zeros(iris.input_shape, np.float32)
        self._anchors = _anchors()

    @classmethod
    def load(cls, detector: Path, mesh: Path, iris: Path, choice: RuntimeChoice | None = None) -> Self:
        """Load the weights of three files. Blocks.

        Args:
            detector: A file.
            mesh: A file.
            iris: A file.
            choice: What is to run them.

        Raises:
            ModelError: One of them cannot be run, or not so.
        """
        nets: list[PointsRuntime] = []
        try:
            for path, sizes in ((detector, _FOUND), (mesh, _MESH), (iris, _EYE)):
                nets.append(load_points(path, sizes, choice))
        except ModelError:
            for net in nets:
                net.close()
            raise
        return cls(*nets)

    def detect(self, image: I420Image, part: Region) -> list[FoundFace]:
        """All faces in a part of a frame, the surest first.

        Raises:
            TrackingError: The net gave no usable values.
            ModelError: The runtime failed.
        """
        part.fill(image, self._detector_input, -1.0, 1.0)
        boxes, logits = _finite(self._detector.run(self._detector_input), _FOUND, "The face detector")
        likely = np.flatnonzero(logits > 0)  # a logit of 0 is a share of one half
        side = self._detector_input.shape[1]
        found = boxes.reshape(-1, 16)[likely]
        places = found.reshape(-1, 8, 2).copy()
        places[:, 0] += self._anchors[likely]
        places[:, 2:] += self._anchors[likely][:, None]
        order = np.argsort(-logits[likely])
        return _without_doubles([_found_face(part, side, places[i], float(logits[likely][i])) for i in order])

    def mesh(self, image: I420Image, region: Region) -> tuple[Points, float]:
        """The 468 points of a face, `(468, 3)` in pixels of the frame, and how surely it is one, 0 to 1.

        Raises:
            TrackingError: The net gave no usable values.
            ModelError: The runtime failed.
        """
        region.fill(image, self._mesh_input)
        points, logit = _finite(self._mesh.run(self._mesh_input), _MESH, "The face mesh")
        return region.to_frame(points.reshape(-1, 3), self._mesh_input.shape[1]), _sigmoid(float(logit[0]))

    def eye(self, image: I420Image, region: Region) -> SeenEye:
        """Lids and iris of one eye.

        Raises:
            TrackingError: The net gave no usable values.
            ModelError: The runtime failed.
        """
        region.fill(image, self._iris_input)
        lids, iris = _finite(self._iris.run(self._iris_input), _EYE, "The iris net")
        both = np.concatenate((lids.reshape(-1, 3)[:16, :2], iris.reshape(-1, 3)[:, :2]))
        placed = region.to_frame(both, self._iris_input.shape[1])
        in_frame = EyePoints(placed[_UPPER], placed[:9], placed[16:])
        return SeenEye(both[_UPPER], both[:9], both[16:], self._iris_input, in_frame)

    def run_bare(self) -> None:
        """What a frame needs of the nets and nothing else: one run for the face, two for the eyes; to measure with.

        Raises:
            ModelError: The runtime failed.
        """
        self._mesh.run(self._mesh_input)
        for _ in range(2):
            self._iris.run(self._iris_input)

    def close(self) -> None:
        """Free the nets."""
        for net in (self._detector, self._mesh, self._iris):
            net.close()


def _anchors() -> NDArray[np.float32]:
    """Middles of the detector's 896 anchors in pixels of its input: two on each cell of 8, six on each of 16."""
    places = []
    for step, each in ((8, 2), (16, 6)):
        cells = np.arange(128 // step, dtype=np.float32) * step + step / 2
        grid = np.stack(np.meshgrid(cells, cells), axis=-1).reshape(-1, 2)
        places.append(np.repeat(grid, each, axis=0))
    return np.concatenate(places).astype(np.float32)


def _found_face(part: Region, side: int, places: Points, logit: float) -> FoundFace:
    """`places`: middle, size, right eye, left eye, nose, mouth and ears."""
    frame = part.to_frame(places[[0, 2, 3]], side)
    middle, right_eye, left_eye = frame
    roll = math.atan2(float(left_eye[1] - right_eye[1]), float(left_eye[0] - right_eye[0]))
    size_px = float(places[1].max()) * part.side_px / side
    return FoundFace(_sigmoid(logit), Region(float(middle[0]), float(middle[1]), 1.5 * size_px, roll))


def _without_doubles(faces: list[FoundFace]) -> list[FoundFace]:
    kept: list[FoundFace] = []
    for face in faces:
        if face.score >= _FACE and face.region.side_px > 1 and all(_apart(face.region, other.region) for other in kept):
            kept.append(face)
    return kept


def _apart(one: Region, other: Region) -> bool:
    distance = math.hypot(one.x_px - other.x_px, one.y_px - other.y_px)
    return distance > _OVERLAP * max(one.side_px, other.side_px)


def _finite(
    outputs: tuple[NDArray[np.float32], ...], sizes: tuple[int, int], who: str
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    if tuple(output.size for output in outputs) != sizes:
        raise TrackingError(f"{who} gave {[output.size for output in outputs]} values instead of {list(sizes)}.")
    if not all(math.isfinite(float(output.sum())) for output in outputs):
        raise TrackingError(f"{who} gave values that are not finite.")
    return outputs[0], outputs[1]


def _sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-min(max(logit, -60.0), 60.0)))
