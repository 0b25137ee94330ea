"""The learned warper with the weights that are shipped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from gaze_lab import estimate

from eyeline.bot.bench.gaze_truth import synthetic_db
from eyeline.models.nets import eye_patch as patch
from eyeline.models.nets.eye_flow import compose, seen_by_net
from eyeline.models.nets.graph_net import GraphNet
from eyeline.models.nets.tflite_graph import read_graph
from eyeline.models.registry import EYE_FLOW
from eyeline.models.shipped import shipped_file
from eyeline.models.training.gaze.camera import as_planes
from eyeline.models.training.gaze.conditions import Conditions
from eyeline.models.training.gaze.identity import EyeIdentity
from eyeline.models.training.gaze.renderer import DrawnEye, Placing, draw_scene
from eyeline.processing.frame import I420Image
from eyeline.processing.gaze.estimate import Eye, Visibility
from eyeline.processing.gaze.face_nets import EyePoints, TrackingError
from eyeline.processing.gaze.geometric import GeometricWarper
from eyeline.processing.gaze.learned import LearnedWarper
from eyeline.processing.gaze.warper import EyeMove
from eyeline.processing.kernels.warm_up import warm_up_gaze

WIDTH, HEIGHT = 128, 96
LEFT, TOP = 32, 24  # of the patch in such a frame


@pytest.fixture(scope="module")
def warper() -> Iterator[LearnedWarper]:
    warm_up_gaze()
    loaded = LearnedWarper.load()
    yield loaded
    loaded.close()


def noise(width_px: int = 800, height_px: int = 600) -> I420Image:
    image = I420Image.empty(width_px, height_px)
    image.data[:] = np.random.default_rng(3).integers(16, 235, image.data.shape)
    image.data.setflags(write=False)
    return image


def moves(x_px: float, y_px: float, **eyes: float) -> list[EyeMove]:
    return [EyeMove(eye, np.array([x_px, y_px], np.float32)) for eye in estimate(**eyes).eyes]


def drawn(who: EyeIdentity, where: Conditions, gaze: tuple[float, float]) -> tuple[I420Image, DrawnEye]:
    """An eye in the middle of a small frame, with its patch sample for sample on the frame's."""
    eye = draw_scene(who, where, gaze, Placing((WIDTH, HEIGHT), patch.EYE_WIDTH_PX))
    return I420Image(WIDTH, HEIGHT, as_planes(eye.image).reshape(-1)), eye


def seen(eye: DrawnEye) -> Eye:
    edge = eye.iris + np.array([(1, 0), (0, -1), (-1, 0), (0, 1)], np.float32) * np.float32(eye.radius_px)
    points = EyePoints(eye.upper, eye.lower, np.vstack((eye.iris, edge)).astype(np.float32))
    return Eye(points, eye.centre, eye.radius_px, 0.3, Visibility(80, 0, 15, 0))


def test_corrected_eyes_come_near_the_truth(warper: LearnedWarper) -> None:
    before, after = synthetic_db(warper, eyes=30, noise_px=0.5)
    assert after >= 29
    assert after >= before + 5


def test_the_runtime_and_the_kernels_do_what_torch_does(warper: LearnedWarper) -> None:
    level = replace(EyeIdentity.of(20_005), slant=0.0)  # or the patch would be turned, and compared between samples
    image, eye = drawn(level, Conditions(), (15, -8))
    shift = eye.centre - eye.iris
    warped = warper.warp(image, [EyeMove(seen(eye), shift)])
    luma, u, v = (plane.astype(np.float32) for plane in image.planes)
    part = (luma[TOP : TOP + 48, LEFT : LEFT + 64] - 16) / 219
    colors = np.stack([(one[TOP // 2 : TOP // 2 + 24, LEFT // 2 : LEFT // 2 + 32] - 128) / 112 for one in (u, v)])
    corner = np.array([LEFT, TOP], np.float32)
    tensors = [
        torch.from_numpy(np.asarray(value, np.float32))
        for value in (
            part[None, None],
            colors[None],
            patch.lid_table(eye.upper - corner)[None],
            patch.lid_table(eye.lower - corner)[None],
            (eye.iris - corner)[None],
            [eye.radius_px],
            shift[None],
        )
    ]
    net = GraphNet(read_graph(shipped_file(EYE_FLOW)))
    with torch.inference_mode():
        said = net(seen_by_net(*tensors))[0].reshape(1, patch.CHANNELS_OUT, 24, 32)
        wanted, _, _ = compose(said, tensors[6], tensors[0], tensors[1])
    made = warped.y[TOP : TOP + 48, LEFT : LEFT + 64]
    away = np.abs(made - np.clip(wanted[0, 0].numpy() * 219 + 16, 0, 255))
    assert np.abs(made - part * 219 - 16).max() > 30, "something was moved"
    assert away.mean() < 0.5, "half a step is rounding"
    assert np.percentile(away, 99.5) < 3


@pytest.mark.parametrize("shift", [(0, 0), (7, 0), (-12, 5), (3, -9), (0.3, 0.2), (25, 25)])
def test_nothing_changes_outside_of_the_boxes_nor_in_the_frame_itself(
    warper: LearnedWarper, shift: tuple[float, float]
) -> None:
    image = noise()
    asked = moves(*shift)
    kept = image.data.copy()
    warped = warper.warp(image, asked)
    assert np.array_equal(image.data, kept)
    changed = [before != after for before, after in zip(image.planes, warped.planes, strict=True)]
    assert changed[0].any() == (shift != (0, 0))
    boxes = warper.boxes(image, asked)
    for step, plane in zip((1, 2, 2), changed, strict=True):
        for box in boxes:
            plane[box.top // step : box.bottom // step, box.left // step : box.right // step] = False
        assert not plane.any()
    assert sum((box.right - box.left) * (box.bottom - box.top) for box in boxes) < 0.05 * 800 * 600


def test_without_a_move_the_frame_itself_comes_back(warper: LearnedWarper) -> None:
    image = noise()
    assert warper.warp(image, []) is image
    assert warper.warp(image, moves(0, 0)) is image


def test_a_correction_begins_without_a_step(warper: LearnedWarper) -> None:
    image, eye = drawn(EyeIdentity.of(20_002), Conditions(), (12, -6))
    whole = eye.centre - eye.iris
    results = [warper.warp(image, [EyeMove(seen(eye), whole * np.float32(share))]).y for share in (0.005, 0.05, 1.0)]
    little, more, all_of_it = (float(np.abs(result.astype(int) - image.y).mean()) for result in results)
    assert little < 0.01 * all_of_it
    assert little <= more < 0.4 * all_of_it


def test_what_is_held_before_an_eye_does_not_bend(warper: LearnedWarper) -> None:
    """Hands, cups and strands over drawn eyes: they bend less than by geometry."""
    errors: dict[str, list[float]] = {"untouched": [], "learned": [], "geometric": []}
    geometric = GeometricWarper()
    seed = 700_000_000
    while len(errors["learned"]) < 24:
        seed += 1
        who = EyeIdentity.of(seed)
        where = Conditions.of(seed, who.skin)
        if not len(where.covers):
            continue
        where = Conditions(covers=where.covers)
        image, eye = drawn(who, where, (14, -8))
        bare = draw_scene(who, Conditions(), (14, -8), Placing((WIDTH, HEIGHT), patch.EYE_WIDTH_PX))
        covered = np.abs(as_planes(bare.image)[:HEIGHT].astype(int) - image.y) > 12
        covered[:TOP], covered[TOP + 48 :], covered[:, :LEFT], covered[:, LEFT + 64 :] = (False,) * 4
        if covered.sum() < 100:
            continue
        truth, _ = drawn(who, where, (0, 0))
        move = [EyeMove(seen(eye), eye.centre - eye.iris)]
        made = {"untouched": image, "learned": warper.warp(image, move), "geometric": geometric.warp(image, move)}
        for name, result in made.items():
            errors[name].append(float(np.abs(result.y.astype(int) - truth.y)[covered].mean()))
    means = {name: float(np.mean(values)) for name, values in errors.items()}
    assert means["learned"] < 0.7 * means["geometric"], means


@pytest.mark.parametrize("at", [(-300, -280), (400, 290), (0, -299), (-331, 0)])
def test_eyes_at_the_edge_of_the_picture(warper: LearnedWarper, at: tuple[int, int]) -> None:
    image = noise(500, 320)
    offset = np.array(at, np.float32)
    for move in moves(9, -6):
        eye = move.eye
        points = EyePoints(eye.points.upper + offset, eye.points.lower + offset, eye.points.iris + offset)
        placed = Eye(points, eye.centre_px + offset, eye.radius_px, eye.openness, eye.visibility)
        assert warper.warp(image, [EyeMove(placed, move.shift_px)]).size == image.size


@pytest.mark.parametrize("openness", [0.0, 0.02, 0.1])
def test_closed_eyes_do_no_harm(warper: LearnedWarper, openness: float) -> None:
    assert warper.warp(noise(), moves(8, -8, openness=openness)).size == (800, 600)


def test_more_eyes_than_the_net_takes_at_once(warper: LearnedWarper) -> None:
    image = noise()
    left, right = moves(6, -4)
    both, three = warper.warp(image, [left, right]), warper.warp(image, [left, right, left])
    assert np.array_equal(both.data, three.data), "the same eye twice is the same picture"


def test_a_net_that_gives_no_numbers_is_an_error_of_ours() -> None:
    class Broken:
        input_shape = EYE_FLOW.input_shape

        def run(self, tensor: np.ndarray) -> np.ndarray:
            return np.full((2, 24, 32, patch.CHANNELS_OUT), np.nan, np.float32)

        def close(self) -> None:
            pass

    with pytest.raises(TrackingError):
        LearnedWarper(Broken()).warp(noise(), moves(6, -4))  # type: ignore[arg-type]
