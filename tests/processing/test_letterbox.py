from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyeline.processing.frame import I420Image
from eyeline.processing.letterbox import letterboxed

GREY = (100, 90, 160)


def test_a_picture_that_fits_is_not_copied() -> None:
    image = I420Image.filled(320, 180, GREY)
    assert letterboxed(image, 320, 180) is image


@pytest.mark.parametrize(
    ("size", "box", "inside"),
    [
        ((640, 480), (1280, 720), (160, 0, 1120, 720)),
        ((1280, 720), (640, 480), (0, 60, 640, 420)),
        ((360, 640), (320, 180), (108, 0, 210, 180)),
    ],
)
def test_the_whole_picture_lies_in_the_middle(
    size: tuple[int, int], box: tuple[int, int], inside: tuple[int, int, int, int]
) -> None:
    frame = letterboxed(I420Image.filled(*size, GREY), *box)
    left, top, right, bottom = inside
    expected = I420Image.filled(*box, (16, 128, 128))
    expected.y[top:bottom, left:right] = GREY[0]
    expected.u[top // 2 : bottom // 2, left // 2 : right // 2] = GREY[1]
    expected.v[top // 2 : bottom // 2, left // 2 : right // 2] = GREY[2]
    for plane, wanted in zip(frame.planes, expected.planes, strict=True):
        np.testing.assert_array_equal(plane, wanted)


_SIDES = st.integers(1, 400).map(lambda half: half * 2)


@given(_SIDES, _SIDES, _SIDES, _SIDES)
def test_any_picture_fits_into_any_frame(width_px: int, height_px: int, box_width_px: int, box_height_px: int) -> None:
    frame = letterboxed(I420Image.filled(width_px, height_px, GREY), box_width_px, box_height_px)
    assert frame.size == (box_width_px, box_height_px)
    rows, columns = np.nonzero(frame.y == GREY[0])
    assert rows.size
    assert rows[-1] - rows[0] + 1 == box_height_px or columns[-1] - columns[0] + 1 == box_width_px
