"""A mask carried along with the picture: where the person went, or not at all."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from picture_lab import iou, room, scene

from eyeline.processing.carry import MaskCarrier
from eyeline.processing.frame import I420Image
from eyeline.processing.pyramid import Pyramid
from eyeline.processing.segmenter import Mask

SIZE = 640, 360


def on_grid(matte: NDArray[np.float32]) -> Mask:
    return np.asarray(cv2.resize(matte, (320, 180), interpolation=cv2.INTER_AREA), np.float32)


def carried(before: I420Image, mask: Mask, after: I420Image) -> Mask | None:
    carrier = MaskCarrier()
    for image in (before, after):
        carrier.see(Pyramid(image))
    return carrier.carried(mask)


@pytest.mark.parametrize("shift", [0.0, 0.005, 0.015, -0.015])
def test_it_goes_where_the_person_goes(shift: float):
    before, was = scene(*SIZE)
    after, true = scene(*SIZE, shift=shift)
    mask = carried(before, on_grid(was), after)
    assert mask is not None
    assert iou(mask, on_grid(true)) > 0.975
    assert iou(mask, on_grid(true)) >= iou(on_grid(was), on_grid(true)) - 0.01


def test_standing_still_would_not_pass():
    """That the test above can fail at all."""
    was, true = scene(*SIZE)[1], scene(*SIZE, shift=0.03)[1]
    assert iou(on_grid(was), on_grid(true)) < 0.93


def test_it_shows_no_more_of_the_room():
    rng = np.random.default_rng(2)
    for shift in rng.uniform(-0.02, 0.02, 8):
        before, was = scene(*SIZE)
        after, true = scene(*SIZE, shift=float(shift))
        mask = carried(before, on_grid(was), after)
        assert mask is not None
        far = cv2.dilate(on_grid(true), np.ones((9, 9))) < 0.02
        assert float(mask[far].mean()) < 2e-3


def test_where_the_picture_is_new_the_edge_is_drawn_in():
    before, was = scene(*SIZE)
    bgr = before.to_bgr()
    edge = slice(150, 170), slice(236, 256)  # at her shoulder
    assert 0.1 < was[edge].mean() < 0.9
    bgr[edge] = (0, 0, 0)
    mask, whole = carried(before, on_grid(was), I420Image.from_bgr(bgr)), carried(before, on_grid(was), before)
    assert mask is not None
    assert whole is not None
    here = slice(73, 87), slice(116, 130)
    assert mask[here].sum() < 0.9 * whole[here].sum()


@pytest.mark.parametrize("after", ["another room", "the light", "somebody else", "nothing", "noise"])
def test_where_much_is_new_the_nets_must_look(after: str):
    before, was = scene(*SIZE)
    images = {
        "another room": I420Image.from_bgr(room(*SIZE)[:, ::-1].copy()),
        "the light": I420Image.from_bgr(before.to_bgr() // 2),
        "somebody else": scene(*SIZE, shift=0.25)[0],
        "nothing": I420Image.filled(*SIZE, (16, 128, 128)),
        "noise": I420Image.from_bgr(np.random.default_rng(1).integers(0, 255, (360, 640, 3), np.uint8)),
    }
    assert carried(before, on_grid(was), images[after]) is None


def test_whoever_comes_in_is_looked_at():
    empty, nobody = I420Image.from_bgr(room(*SIZE)), np.zeros((180, 320), np.float32)
    assert carried(empty, nobody, scene(*SIZE)[0]) is None
    still = carried(empty, nobody, empty)
    assert still is not None
    assert not still.any()


def test_nothing_is_carried_from_nowhere():
    image, was = scene(*SIZE)
    carrier = MaskCarrier()
    carrier.see(Pyramid(image))
    assert carrier.carried(on_grid(was)) is None
    carrier.see(Pyramid(scene(320, 180)[0]))
    assert carrier.carried(on_grid(was)) is None  # another size
    carrier.see(Pyramid(scene(320, 180)[0]))
    assert carrier.carried(np.zeros((90, 160), np.float32)) is not None
    carrier.reset()
    carrier.see(Pyramid(image))
    assert carrier.carried(on_grid(was)) is None


@pytest.mark.parametrize("size", [(2, 2), (16, 16), (40, 40), (322, 2), (2, 700), (1280, 360), (3840, 2160)])
def test_frames_of_every_shape_are_taken(size: tuple[int, int]):
    carrier = MaskCarrier()
    for _ in range(2):
        pyramid = Pyramid(I420Image.filled(*size, (90, 128, 128)))
        carrier.see(pyramid)
    mask = np.ones(pyramid.grid_size[::-1], np.float32)
    moved = carrier.carried(mask)
    assert moved is None or moved.shape == mask.shape
