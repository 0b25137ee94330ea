"""What code draws: shown at once, at its own size soon."""

from __future__ import annotations

import threading
import time

import numpy as np
from picture_lab import wait_until

from eyeline.processing.drawn_background import DrawnBackground
from eyeline.processing.newest_picture import USUAL_PX


class Painter:
    """Paints a grey that tells for which size it was; can be held up."""

    def __init__(self) -> None:
        self.sizes: list[tuple[int, int]] = []
        self.go = threading.Event()

    def __call__(self, size_px: tuple[int, int]) -> np.ndarray:
        self.sizes.append(size_px)
        if size_px != USUAL_PX:
            self.go.wait(120)
        return np.full((size_px[1], size_px[0], 3), 60 if size_px == USUAL_PX else 200, np.uint8)


def test_a_smaller_frame_of_the_same_shape_takes_the_picture_that_is_there():
    painter = Painter()
    background = DrawnBackground(painter)
    first = background.frame((640, 360), 0.0)
    assert background.frame((640, 360), 1.0) is first
    assert painter.sizes == [USUAL_PX]


def test_another_shape_never_waits_for_the_drawing():
    painter = Painter()
    background = DrawnBackground(painter)
    begun = time.monotonic()
    early = [int(background.frame((480, 360), 0.0).y[0, 0]) for _ in range(50)]
    assert time.monotonic() - begun < 90
    assert max(early) < 100
    painter.go.set()
    wait_until(lambda: background.frame((480, 360), 0.0).y[0, 0] > 150)
    assert painter.sizes == [USUAL_PX, (480, 360)]


def test_rendered_it_is_the_same_from_the_first_frame():
    painter = Painter()
    painter.go.set()
    background = DrawnBackground(painter, at_once=True)
    assert background.frame((480, 360), 0.0).y[0, 0] > 150


def test_memory_does_not_grow_with_sizes():
    painter = Painter()
    background = DrawnBackground(painter)
    for width in range(160, 400, 16):
        background.frame((width, width * 9 // 16 // 2 * 2), 0.0)
    assert len(background._made) <= 4


def test_a_drawing_that_fails_leaves_what_is_shown():
    def paint(size_px: tuple[int, int]) -> np.ndarray:
        if size_px != USUAL_PX:
            raise ValueError("no")
        return np.full((size_px[1], size_px[0], 3), 60, np.uint8)

    background = DrawnBackground(paint)
    before = background.frame((480, 360), 0.0)
    wait_until(lambda: background._painting is not None and not background._painting.is_alive())
    assert background.frame((480, 360), 0.0) is before
