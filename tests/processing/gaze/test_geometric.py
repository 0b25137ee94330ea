"""The warper on drawn eyes whose truth is known, and on everything at the edges."""

from __future__ import annotations

import numpy as np
import pytest
from gaze_lab import estimate

from eyeline.bot.bench.gaze_truth import synthetic_db
from eyeline.models.training.gaze.identity import EyeIdentity
from eyeline.models.training.gaze.renderer import draw_eye
from eyeline.processing.frame import I420Image
from eyeline.processing.gaze.estimate import Eye, Visibility
from eyeline.processing.gaze.face_nets import EyePoints
from eyeline.processing.gaze.geometric import GeometricWarper
from eyeline.processing.gaze.warper import EyeMove
from eyeline.processing.kernels.warm_up import warm_up_gaze

WARPER = GeometricWarper()


@pytest.fixture(autouse=True, scope="module")
def compiled():
    warm_up_gaze()


def noise(width_px: int = 800, height_px: int = 600) -> I420Image:
    image = I420Image.empty(width_px, height_px)
    image.data[:] = np.random.default_rng(3).integers(16, 235, image.data.shape)
    image.data.setflags(write=False)
    return image


def moves(x_px: float, y_px: float, **eyes) -> list[EyeMove]:
    return [EyeMove(eye, np.array([x_px, y_px], np.float32)) for eye in estimate(**eyes).eyes]


def test_corrected_eyes_come_near_the_truth():
    before, after = synthetic_db(WARPER, eyes=30, noise_px=0.5)
    assert after >= 29
    assert after >= before + 4


def test_better_landmarks_give_better_eyes():
    assert synthetic_db(WARPER, eyes=20, noise_px=0)[1] > synthetic_db(WARPER, eyes=20, noise_px=1.5)[1] + 1


@pytest.mark.parametrize("shift", [(0, 0), (7, 0), (-12, 5), (3, -9), (0.3, 0.2), (25, 25)])
def test_nothing_changes_outside_of_the_boxes_nor_in_the_frame_itself(shift):
    image = noise()
    asked = moves(*shift)
    kept = image.data.copy()
    warped = WARPER.warp(image, asked)
    assert np.array_equal(image.data, kept)
    changed = [before != after for before, after in zip(image.planes, warped.planes, strict=True)]
    boxes = WARPER.boxes(image, asked)
    for step, plane in zip((1, 2, 2), changed, strict=True):
        for box in boxes:
            plane[box.top // step : box.bottom // step, box.left // step : box.right // step] = False
        assert not plane.any()
    assert sum((box.right - box.left) * (box.bottom - box.top) for box in boxes) < 0.05 * 800 * 600


def test_without_a_move_the_frame_itself_comes_back():
    image = noise()
    assert WARPER.warp(image, []) is image
    assert WARPER.warp(image, moves(0, 0)) is image


def test_the_iris_moves_by_what_was_asked():
    who = EyeIdentity.of(7)
    eye = draw_eye(who, (18, 0), size_px=(128, 80), eye_width_px=72)
    image = I420Image.from_bgr(np.ascontiguousarray(np.rint(eye.image[..., ::-1] * 255).astype(np.uint8)))
    shift = eye.centre - eye.iris
    edge = eye.iris + np.array([(1, 0), (0, -1), (-1, 0), (0, 1)], np.float32) * np.float32(eye.radius_px)
    points = EyePoints(eye.upper, eye.lower, np.vstack((eye.iris, edge)).astype(np.float32))
    seen = Eye(points, eye.centre, eye.radius_px, 0.3, Visibility(80, 0, 15, 0))
    warped = WARPER.warp(image, [EyeMove(seen, shift)])

    def darkest(picture: I420Image) -> np.ndarray:
        dark = np.clip(60.0 - picture.y, 0, None)
        rows, columns = np.mgrid[: picture.height_px, : picture.width_px]
        return np.array([(dark * columns).sum(), (dark * rows).sum()]) / dark.sum()

    assert darkest(warped) - darkest(image) == pytest.approx(shift, abs=2.0)


@pytest.mark.parametrize("at", [(-300, -280), (400, 290), (0, -299), (-331, 0)])
def test_eyes_at_the_edge_of_the_picture(at):
    """A face that leaves the frame: whatever is left of an eye is warped, nothing crashes."""
    image = noise(500, 320)
    for move in moves(9, -6):
        points = type(move.eye.points)(
            *(np.asarray(part + np.array(at, np.float32), np.float32) for part in _parts(move.eye.points))
        )
        eye = type(move.eye)(points, move.eye.centre_px, move.eye.radius_px, move.eye.openness, move.eye.visibility)
        warped = WARPER.warp(image, [EyeMove(eye, move.shift_px)])
        assert warped.size == image.size


@pytest.mark.parametrize("openness", [0.0, 0.02, 0.1])
def test_closed_eyes_do_no_harm(openness):
    warped = WARPER.warp(noise(), moves(8, -8, openness=openness))
    assert warped.size == (800, 600)


def test_a_flat_picture_stays_flat():
    """Bicubic sampling and blending add up to one: no halo, no dark line."""
    image = I420Image.filled(800, 600, (130, 110, 150))
    warped = WARPER.warp(image, moves(12, -10))
    for before, after in zip(image.planes, warped.planes, strict=True):
        assert np.abs(before.astype(int) - after).max() <= 1


@pytest.mark.parametrize("degrees", [-10, 10, 20])
def test_the_upper_lid_turns_by_the_same_angle_as_the_eye(degrees):
    """The lid is 12.5 mm from the middle of the eyeball, the iris 10.5; the camera sees it 3.6 mm above the iris."""
    image = I420Image.filled(800, 600, (128, 128, 128))
    image.y[:] = np.clip(np.arange(600) - 180, 0, 255)[:, None]
    eye = moves(0, 0)[0].eye
    shift_px = -10.5 * 2 * np.sin(np.radians(degrees))  # a pixel is half a millimetre
    warped = WARPER.warp(image, [EyeMove(eye, np.array([0, shift_px], np.float32))])
    ahead = np.arcsin(3.6 / 12.5)
    travel_px = 12.5 * 2 * (np.sin(ahead) - np.sin(ahead - np.radians(degrees)))
    x = round(float(eye.iris_px[0]))
    lid = float(eye.points.upper[:, 1].min()) - travel_px
    rows = slice(round(lid) - 3, round(lid) - 1)
    moved_px = float(np.mean(warped.y[rows, x].astype(float) - image.y[rows, x]))
    assert moved_px == pytest.approx(travel_px, abs=0.03 * abs(travel_px) + 0.2)


def test_a_dark_corner_does_not_follow_the_iris():
    """Beside an iris that looked aside is the white, as on its other side."""
    image = I420Image.filled(800, 600, (128, 128, 128))
    move = moves(-10, 0, yaw=20)[0]
    x, y = (float(value) for value in move.eye.iris_px)
    rows, columns = np.mgrid[:600, :800]
    away = np.hypot(columns - x, rows - y) / move.eye.radius_px
    image.y[:] = np.where(away < 1, 40, np.where(columns > x, 110, 210))
    warped = WARPER.warp(image, [move])
    beside = np.hypot(columns - x + 10, rows - y) / move.eye.radius_px
    ring = (beside > 1.1) & (beside < 1.25) & (columns > x - 10) & (np.abs(rows - y) < 3)
    assert warped.y[ring].mean() > 160


def _parts(points):
    return points.upper, points.lower, points.iris


def test_the_white_follows_less_and_less_towards_the_corners():
    image = I420Image.filled(800, 600, (128, 128, 128))
    image.y[:] = np.arange(800) // 4 + 20
    move = moves(8, 0)[0]
    warped = WARPER.warp(image, [move])
    x, y = (round(float(value)) for value in move.eye.centre_px)
    half_px = 30

    def moved_px(column: int) -> float:
        part = slice(column - 2, column + 3)
        return float(np.mean(image.y[y - 2 : y + 3, part].astype(float) - warped.y[y - 2 : y + 3, part])) * 4

    assert moved_px(x + 8) == pytest.approx(8, abs=1.5), "the iris goes all the way"
    for corner in (x - half_px + 3, x + half_px - 3):
        assert abs(moved_px(corner)) < 4.5
