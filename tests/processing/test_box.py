"""The box around the person: room to spare, inside the frame, calm."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from eyeline.processing.box import Box, box_around, followed
from eyeline.processing.segmenter import Mask

SIDES = st.integers(1, 700).map(lambda half: half * 2)


def someone(left: int, top: int, right: int, bottom: int) -> Mask:
    """In a mask of 320x180."""
    mask = np.zeros((180, 320), np.float32)
    mask[top:bottom, left:right] = 1
    return mask


@given(SIDES, SIDES, st.data())
def test_the_box_holds_the_person_and_lies_in_the_frame(width_px: int, height_px: int, data: st.DataObject):
    rows, columns = max(1, height_px // 4), max(1, width_px // 4)
    left, top = data.draw(st.integers(0, columns - 1)), data.draw(st.integers(0, rows - 1))
    right, bottom = data.draw(st.integers(left + 1, columns)), data.draw(st.integers(top + 1, rows))
    mask = np.zeros((rows, columns), np.float32)
    mask[top:bottom, left:right] = 0.9
    box = box_around(mask, width_px, height_px)
    assert box is not None
    assert 0 <= box.left_px < box.right_px <= width_px
    assert 0 <= box.top_px < box.bottom_px <= height_px
    assert box.left_px <= left * width_px / columns
    assert box.right_px >= min(width_px, int(right * width_px / columns))
    assert box.top_px <= top * height_px / rows
    assert box.bottom_px >= min(height_px, int(bottom * height_px / rows))


def test_it_is_square_where_the_frame_allows():
    box = box_around(someone(140, 60, 180, 100), 1280, 720)
    assert box is not None
    assert box.right_px - box.left_px == pytest.approx(box.bottom_px - box.top_px, abs=16)
    assert 160 < box.right_px - box.left_px < 240  # 160 px of person and a margin
    tall = box_around(someone(140, 0, 180, 180), 1280, 720)
    assert tall is not None
    assert (tall.top_px, tall.bottom_px) == (0, 720)
    assert tall.right_px - tall.left_px == pytest.approx(720, abs=16)


def test_nobody_has_no_box():
    assert box_around(np.full((180, 320), 0.4, np.float32), 1280, 720) is None


def test_a_sway_leaves_the_box_where_it_is():
    box = box_around(someone(120, 40, 200, 180), 1280, 720)
    assert box is not None
    for sway in (-3, 2, 4, 0):
        wanted = box_around(someone(120 + sway, 40, 200 + sway, 180), 1280, 720)
        assert wanted is not None
        assert followed(box, wanted) is box


def test_who_comes_near_its_edge_moves_it_at_once():
    box, wanted = Box(400, 0, 900, 500), Box(460, 0, 960, 500)
    assert followed(box, wanted) is wanted


def test_it_shrinks_only_when_much_too_large():
    box = Box(0, 0, 700, 700)
    assert followed(box, Box(60, 60, 640, 640)) is box
    smaller = Box(100, 100, 500, 500)
    assert followed(box, smaller) is smaller


@given(st.integers(0, 300), st.integers(0, 300), st.integers(2, 300))
def test_a_box_that_serves_is_kept_for_good(left: int, top: int, side: int):
    box = Box(left, top, left + side, top + side)
    assume(box.area_px > 0)
    assert followed(box, box) is box
