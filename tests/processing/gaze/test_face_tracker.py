"""The real nets on a real face, and on everything that is none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from gaze_lab import face_files, load_tracker, portrait, portrait_bgr

from eyeline.models.errors import InferenceError
from eyeline.models.runtimes import RuntimeChoice, RuntimeKind
from eyeline.processing.effects import EffectState, NoBackground
from eyeline.processing.frame import I420Image
from eyeline.processing.gaze.face_nets import FaceNets, TrackingError
from eyeline.processing.gaze.face_tracker import FaceTracker
from eyeline.processing.gaze.region import Region
from eyeline.processing.gaze_spec import Gaze, GazeMode
from eyeline.processing.person_nets import NetsChoice
from eyeline.processing.worker.spec import PictureSpec


@pytest.fixture(scope="module")
def tracker():
    with_nets = load_tracker()
    yield with_nets
    with_nets.close()


@pytest.fixture(autouse=True)
def afresh(tracker):
    tracker.reset()


def settled(tracker: FaceTracker, image: I420Image, frames: int = 5, at_s: float = 0.0):
    for index in range(frames):
        found = tracker.update(image, at_s + index / 30)
    return found


def test_eyes_are_found_where_they_are(tracker):
    found = settled(tracker, portrait())
    assert found is not None
    assert found.confidence > 0.9
    right, left = (eye.iris_px / 2 for eye in found.eyes)
    assert right == pytest.approx([164, 101], abs=8), "the person's right eye is to the left in the picture"
    assert left == pytest.approx([204, 98], abs=12)
    for eye in found.eyes:
        assert 4.5 < eye.radius_px / found.head.px_per_mm < 7.5, "an iris is about 12 mm wide"
        assert 0.15 < eye.openness < 0.5
        top, bottom = eye.points.upper[4, 1], eye.points.lower[4, 1]
        assert top < eye.iris_px[1] < bottom


def test_a_mirrored_picture_gives_the_mirrored_gaze(tracker):
    """Both eyes, the head and the gaze change sides, and nothing else."""
    bgr = portrait_bgr()
    straight = settled(tracker, I420Image.from_bgr(bgr))
    tracker.reset()
    mirrored = settled(tracker, I420Image.from_bgr(np.ascontiguousarray(bgr[:, ::-1])))
    assert straight is not None
    assert mirrored is not None
    assert mirrored.direction.yaw_degrees == pytest.approx(-straight.direction.yaw_degrees, abs=5)
    assert mirrored.direction.pitch_degrees == pytest.approx(straight.direction.pitch_degrees, abs=5)
    assert mirrored.head.yaw_degrees == pytest.approx(-straight.head.yaw_degrees, abs=5)
    assert mirrored.right.iris_px[0] == pytest.approx(bgr.shape[1] - straight.left.iris_px[0], abs=3)


def test_a_moving_face_is_followed_and_its_gaze_stays(tracker):
    """A filter that lags behind the head would read its movement as a gaze."""
    bgr = portrait_bgr()
    yaws = []
    for index in range(24):
        shift = np.array([[1, 0, 6.0 * index], [0, 1, 0]], np.float32)
        moved = cv2.warpAffine(bgr, shift, (bgr.shape[1], bgr.shape[0]), borderMode=cv2.BORDER_REPLICATE)
        found = tracker.update(I420Image.from_bgr(moved), index / 30)
        assert found is not None
        if index > 4:
            yaws.append(found.direction.yaw_degrees)
    assert max(yaws) - min(yaws) < 5


@pytest.mark.parametrize(
    "image",
    [
        I420Image.filled(640, 360, (120, 128, 128)),
        I420Image.filled(640, 360, (16, 128, 128)),
        I420Image.from_bgr(np.random.default_rng(0).integers(0, 255, (360, 640, 3), np.uint8)),
        I420Image.filled(16, 16, (90, 100, 120)),
        I420Image.filled(2, 2, (90, 100, 120)),
    ],
    ids=["grey", "black", "noise", "tiny", "two pixels"],
)
def test_nobody(tracker, image):
    for index in range(9):
        assert tracker.update(image, index / 30) is None


def test_a_face_that_leaves_is_lost_and_found_again(tracker):
    assert settled(tracker, portrait()) is not None
    empty = I420Image.filled(*portrait().size, (120, 128, 128))
    assert settled(tracker, empty, at_s=1.0) is None
    assert settled(tracker, portrait(), at_s=1.3) is not None


def test_the_nearest_of_two_is_the_owner(tracker):
    """A picture on the wall, or somebody behind: smaller, and aside."""
    near, far = portrait_bgr(1.8), portrait_bgr(0.6)
    frame = np.full((near.shape[0], 1280, 3), 130, np.uint8)
    frame[: far.shape[0], : far.shape[1]] = far
    frame[:, 1280 - near.shape[1] :] = near
    found = settled(tracker, I420Image.from_bgr(frame))
    assert found is not None
    assert found.right.iris_px[0] > 600
    assert found.head.px_per_mm > 0.9


def test_somebody_nearer_becomes_the_owner(tracker):
    near, far = portrait_bgr(1.8), portrait_bgr(1.0)
    frame = np.full((576, 1280, 3), 130, np.uint8)
    frame[: far.shape[0], : far.shape[1]] = far
    assert settled(tracker, I420Image.from_bgr(frame), frames=8) is not None
    frame[: near.shape[0], 1280 - near.shape[1] :] = near
    for index in range(80):
        found = tracker.update(I420Image.from_bgr(frame), 1 + index / 30) if index % 10 == 0 or index > 70 else None
    assert found is not None
    assert found.right.iris_px[0] > 600


@pytest.mark.parametrize("scale", [0.5, 1.0])
def test_small_pictures(tracker, scale):
    """240p and less: found or not, but no crash, and where it is found it is a face."""
    found = settled(tracker, portrait(scale), frames=8)
    assert found is None or 0.2 < found.head.px_per_mm * 2 / scale < 5


class _Broken:
    """A net that gives what cannot be."""

    def __init__(self, *outputs: np.ndarray, side: int = 64) -> None:
        self.input_shape = (1, side, side, 3)
        self._outputs = outputs

    def run(self, tensor):
        return self._outputs

    def close(self) -> None:
        pass


@pytest.mark.parametrize("outputs", [(np.full(213, np.nan, np.float32), np.zeros(15, np.float32)), (np.zeros(3),)])
def test_a_net_that_gives_nonsense_is_an_error(outputs):
    nets = FaceNets(_Broken(side=128), _Broken(side=192), _Broken(*outputs))
    with pytest.raises(TrackingError):
        nets.eye(portrait(1.0), Region(100, 100, 60))


def test_the_nets_are_run_as_was_asked_for(tmp_path):
    with pytest.raises(InferenceError, match="CPU alone"):
        FaceNets.load(*face_files(), RuntimeChoice(RuntimeKind.LITERT, "cuda"))
    spec = PictureSpec(face_files()[0].parent, tmp_path, nets=NetsChoice(RuntimeChoice(RuntimeKind.LITERT, "cuda")))
    with spec() as picture:
        prepared = picture.prepare(EffectState(NoBackground(), gaze=Gaze(GazeMode.NATURAL)))
        assert prepared.gaze is None, "the same choice reaches the face nets of the worker"
