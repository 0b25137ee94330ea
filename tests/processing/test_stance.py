"""Where the body is, whatever the hands do."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from picture_lab import scene

from eyeline.processing.segmenter import Mask
from eyeline.processing.stance import stance_of


def body(x: float = 0.5, head: float = 0.25, *, scale: float = 1.0) -> Mask:
    """Head and shoulders on a grid of 320x180."""
    mask = np.zeros((180, 320), np.float32)
    middle, top = round(320 * x), round(180 * head)
    radius = round(22 * scale)
    cv2.ellipse(mask, (middle, top + radius), (round(radius * 0.8), radius), 0, 0, 360, 1.0, -1)
    cv2.rectangle(mask, (middle - round(50 * scale), top + 2 * radius), (middle + round(50 * scale), 179), 1.0, -1)
    return mask


def with_arm(mask: Mask, x: float, to: tuple[int, int]) -> Mask:
    """The same with an arm from the shoulder to somewhere."""
    mask = mask.copy()
    cv2.line(mask, (round(320 * x) + 45, 110), to, 1.0, 14)
    return mask


def test_the_stance_is_that_of_the_body():
    stance = stance_of(body(0.4, 0.3))
    assert stance is not None
    assert stance.middle == pytest.approx(0.4, abs=0.01)
    assert stance.head == pytest.approx(0.3, abs=0.03)
    assert stance.width == pytest.approx(100 / 320, rel=0.1)


@pytest.mark.parametrize("to", [(240, 20), (280, 60), (310, 110), (230, 5)])
def test_hands_hardly_matter(to: tuple[int, int]):
    still, waving = stance_of(body()), stance_of(with_arm(body(), 0.5, to))
    assert still is not None
    assert waving is not None
    assert waving.middle == pytest.approx(still.middle, abs=0.03)
    assert waving.head == pytest.approx(still.head, abs=0.02)
    assert waving.width == pytest.approx(still.width, rel=0.25)


def test_hardly_anybody_has_no_stance():
    assert stance_of(np.zeros((180, 320), np.float32)) is None
    speck = np.zeros((180, 320), np.float32)
    speck[:5, :5] = 1
    assert stance_of(speck) is None
    assert stance_of(np.full((180, 320), 0.4, np.float32)) is None


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (320, 1)])
def test_grids_of_every_shape_are_taken(size: tuple[int, int]):
    assert stance_of(np.ones(size, np.float32)) is not None


def test_of_a_real_outline():
    stance = stance_of(cv2.resize(scene(1280, 720, shift=0.1)[1], (320, 180), interpolation=cv2.INTER_AREA))
    assert stance is not None
    assert stance.middle == pytest.approx(0.6, abs=0.05)
    assert stance.head == pytest.approx(0.17, abs=0.04)
