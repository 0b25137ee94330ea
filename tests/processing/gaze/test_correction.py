"""The whole of it on real pictures of a face: what it does, what it refuses, and that trouble leaves eyes alone."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from gaze_lab import load_tracker, portrait, portrait_bgr

from eyeline.config.errors import ModelError
from eyeline.processing.frame import I420Image
from eyeline.processing.gaze.correction import GazeCorrection
from eyeline.processing.gaze.gates import MAX_FADE_STEP, Reason
from eyeline.processing.gaze.status import Activity, GazeStatus
from eyeline.processing.gaze_spec import Gaze, GazeMode
from eyeline.processing.kernels.warm_up import warm_up_gaze

HELD = Gaze(GazeMode.TELEPROMPTER)


@pytest.fixture(scope="module")
def correction():
    warm_up_gaze()
    with GazeCorrection(load_tracker()) as made:
        yield made


@pytest.fixture(autouse=True)
def afresh(correction):
    correction.reset()


class Clock:
    def __init__(self, correction: GazeCorrection, gaze: Gaze = HELD) -> None:
        self.correction, self.gaze, self.at_s, self.fades = correction, gaze, 0.0, [0.0]

    def shows(self, image: I420Image, frames: int = 1) -> I420Image:
        for _ in range(frames):
            self.at_s += 1 / 30
            result = self.correction.correct(image, self.at_s, self.gaze)
            self.fades.append(self.correction.decision.fade)
        return result


def painted(color: tuple[int, int, int], box: tuple[int, int, int, int], bgr: np.ndarray | None = None) -> I420Image:
    """The portrait with something before it, in its unscaled pixels."""
    bgr = portrait_bgr() if bgr is None else bgr
    left, top, right, bottom = (2 * side for side in box)
    cv2.rectangle(bgr, (left, top), (right, bottom), color, -1)
    return I420Image.from_bgr(bgr)


def test_eyes_are_turned_and_nothing_else_changes(correction):
    clock, image = Clock(correction), portrait()
    warped = clock.shows(image, 15)
    assert correction.status == GazeStatus(Activity.ACTIVE)
    changed = np.argwhere(image.y != warped.y)
    assert 50 < len(changed) < 0.05 * image.y.size
    eyes = np.array([eye.iris_px for eye in correction.estimate.eyes])
    assert (np.abs(changed[:, None, ::-1] - eyes).max(axis=2).min(axis=1) < 90).all()


def test_the_turned_eyes_look_more_at_the_camera(correction):
    clock, image = Clock(correction), portrait()
    warped = clock.shows(image, 15)
    before = correction.estimate.iris_direction
    correction.reset()
    Clock(correction, Gaze(GazeMode.NATURAL, 1)).shows(warped, 3)
    after = correction.estimate.iris_direction
    assert abs(after.yaw_degrees) < max(5.0, 0.5 * abs(before.yaw_degrees))


def test_switching_on_and_off_fades(correction):
    clock, image = Clock(correction), portrait()
    clock.shows(image, 15)
    assert clock.fades[-1] == 1
    clock.gaze = Gaze()
    result = clock.shows(image, 15)
    assert np.array_equal(result.data, image.data)
    assert correction.status == GazeStatus(Activity.OFF, Reason.OFF.value)
    assert np.abs(np.diff(clock.fades)).max() <= MAX_FADE_STEP + 1e-9
    assert clock.shows(image) is image, "what is off costs nothing"


@pytest.mark.parametrize(
    "image",
    [
        pytest.param(lambda: I420Image.filled(640, 360, (120, 128, 128)), id="nobody"),
        pytest.param(lambda: painted((40, 60, 90), (100, 75, 260, 125)), id="a board before the eyes"),
        pytest.param(lambda: painted((8, 8, 8), (140, 85, 230, 115)), id="sunglasses"),
        pytest.param(lambda: painted((12, 12, 12), (145, 85, 178, 118)), id="an eye patch"),
        pytest.param(lambda: I420Image.from_bgr(cv2.GaussianBlur(portrait_bgr(), (0, 0), 14)), id="out of focus"),
        pytest.param(lambda: I420Image.from_bgr(portrait_bgr(0.35)), id="a small face"),
    ],
)
def test_what_is_left_alone_and_why(correction, image):
    """No flicker either: once it is left alone, it stays so."""
    clock = Clock(correction)
    shown = image()
    clock.shows(shown, 20)
    for _ in range(10):
        assert np.array_equal(clock.shows(shown).data, shown.data)
    assert correction.status.activity is Activity.IDLE
    assert correction.status.why


def test_grey_frames_are_corrected_too(correction):
    grey = portrait()
    for plane in grey.planes[1:]:
        plane.fill(128)
    warped = Clock(correction).shows(grey, 15)
    assert correction.status.activity is Activity.ACTIVE
    assert (warped.u == 128).all()
    assert (warped.v == 128).all()


def test_a_face_that_leaves_the_picture_fades_out_and_says_why(correction):
    """It goes to the side by a few pixels a frame, until nothing of it is left, and comes back."""
    whole = portrait_bgr()
    empty = np.full_like(whole, 128)
    clock, width_px = Clock(correction), whole.shape[1]
    clock.shows(portrait(), 15)
    assert correction.status.activity is Activity.ACTIVE
    whys = []
    for gone_px in range(0, width_px, 24):
        clock.shows(I420Image.from_bgr(np.hstack((whole, empty))[:, gone_px : gone_px + width_px]))
        whys.append(correction.status.why)
    assert whys[-1] == Reason.NO_FACE.value
    assert correction.status.activity is Activity.IDLE
    clock.shows(portrait(), 40)
    assert correction.status == GazeStatus(Activity.ACTIVE)
    steps = np.diff(clock.fades)
    assert steps.max() <= MAX_FADE_STEP + 1e-9, "it comes back without a jump"


def test_a_face_in_240_lines_is_too_small_and_says_so(correction):
    small = portrait(0.75)
    assert small.height_px == 240
    shown = Clock(correction).shows(small, 20)
    assert np.array_equal(shown.data, small.data)
    assert correction.status == GazeStatus(Activity.IDLE, Reason.SMALL_FACE.value)


def test_frames_of_changing_size_do_no_harm(correction):
    clock = Clock(correction)
    for scale in (2.0, 1.0, 0.5, 1.5, 2.0):
        image = portrait(scale)
        assert clock.shows(image, 3).size == image.size


class _Failing:
    """A tracker whose nets are broken."""

    def __init__(self) -> None:
        self.asked = 0

    def update(self, image, at_s):
        self.asked += 1
        raise ModelError("the net fell over")

    def reset(self) -> None:
        pass

    def close(self) -> None:
        pass


def test_a_tracker_that_fails_leaves_eyes_as_they_are_and_is_asked_again_later():
    failing = _Failing()
    clock = Clock(GazeCorrection(failing))
    image = portrait(1.0)
    assert clock.shows(image, 60) is image
    assert clock.correction.status == GazeStatus(Activity.IDLE, Reason.FAILED.value)
    assert failing.asked == 1
    clock.shows(image, 60)
    assert failing.asked == 2
