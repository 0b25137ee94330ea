"""What a net is fed, and what of its answer is believed."""

from __future__ import annotations

import numpy as np
import pytest
from picture_lab import StillRuntime, half_person

from eyeline.processing.box import Box
from eyeline.processing.errors import MaskError
from eyeline.processing.frame import I420Image
from eyeline.processing.pyramid import Pyramid
from eyeline.processing.segmenter import Segmenter, spread


def bright(width_px: int, height_px: int) -> Pyramid:
    return Pyramid(I420Image.filled(width_px, height_px, (235, 128, 128)))


def whole(pyramid: Pyramid) -> Box:
    return Box.whole(*pyramid.size)


def test_the_net_is_given_rgb_from_0_to_1():
    bgr = np.zeros((72, 128, 3), np.uint8)
    bgr[:, :64] = (0, 0, 255)
    bgr[:, 64:] = (255, 0, 0)
    runtime = StillRuntime(half_person())
    pyramid = Pyramid(I420Image.from_bgr(bgr))
    Segmenter(runtime).find(pyramid, whole(pyramid))
    (tensor,) = runtime.seen
    assert tensor.shape == (1, 18, 32, 3)
    assert tensor.dtype == np.float32
    np.testing.assert_allclose(tensor[0, 9, 4], (1, 0, 0), atol=0.02)
    np.testing.assert_allclose(tensor[0, 9, 28], (0, 0, 1), atol=0.02)


@pytest.mark.parametrize("size", [(72, 128), (96, 96), (128, 72)])
def test_a_frame_no_wider_than_the_net_fills_it(size: tuple[int, int]):
    runtime = StillRuntime(half_person())
    pyramid = bright(*size)
    assert Segmenter(runtime).find(pyramid, whole(pyramid)).shape == (18, 32)
    assert runtime.seen[0].min() > 0.98


def test_a_wider_part_gets_bars_that_are_no_part_of_the_mask():
    net_mask = np.zeros((18, 32), np.float32)
    net_mask[5:13] = 0.75
    runtime = StillRuntime(net_mask)
    mask = Segmenter(runtime).find(bright(512, 288), Box(0, 0, 512, 128))
    assert mask.shape == (8, 32)
    assert (mask == 0.75).all()
    assert runtime.seen[0][0, 5:13].min() > 0.98
    assert runtime.seen[0][0, :5].max() == 0
    assert runtime.seen[0][0, 13:].max() == 0


def test_bars_of_one_part_do_not_stay_for_the_next():
    runtime = StillRuntime(half_person())
    segmenter = Segmenter(runtime)
    for _ in range(2):
        segmenter.find(bright(512, 288), Box(0, 0, 512, 288))
        segmenter.find(bright(512, 288), Box(0, 0, 512, 128))
    assert runtime.seen[3][0, :5].max() == 0
    assert runtime.seen[2].min() > 0.98


@pytest.mark.parametrize("poison", [np.nan, np.inf, -np.inf])
def test_a_mask_that_is_not_finite_is_refused(poison: float):
    runtime = StillRuntime(half_person())
    runtime.mask[3, 3] = poison
    with pytest.raises(MaskError):
        Segmenter(runtime).find(bright(64, 36), Box.whole(64, 36))


def test_a_mask_of_another_shape_is_refused():
    class Odd(StillRuntime):
        def run(self, tensor):
            return super().run(tensor)[:, :5]

    with pytest.raises(MaskError):
        Segmenter(Odd(half_person())).find(bright(64, 36), Box.whole(64, 36))


def test_values_outside_of_0_to_1_are_clipped():
    mask = Segmenter(StillRuntime(np.array([[-0.5, 1.5]] * 2, np.float32))).find(bright(4, 4), Box.whole(4, 4))
    assert mask.min() == 0
    assert mask.max() == 1


def test_spreading_keeps_the_place():
    mask = spread(half_person(), 320, 180)
    assert mask.shape == (180, 320)
    assert (mask[:, :154] == 1).all()
    assert (mask[:, 166:] == 0).all()
