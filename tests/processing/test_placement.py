"""Cut to fill, shown whole, kept in view."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyeline.processing.frame import I420Image
from eyeline.processing.placement import COVER, Fill, Placement, placed

SIDES = st.integers(1, 60).map(lambda half: half * 2)
FIT = Placement(Fill.FIT)


def marked(width_px: int, height_px: int, left: int, top: int, side: int = 40) -> I420Image:
    image = I420Image.filled(width_px, height_px, (60, 128, 128))
    image.y[top : top + side, left : left + side] = 220
    return image


@pytest.mark.parametrize(("focus", "shown"), [((50, 50), 60), ((5, 50), 220), ((0, 0), 220), ((95, 50), 60)])
def test_the_focus_stays_in_view(focus: tuple[int, int], shown: int):
    image = marked(400, 100, 0, 30)
    square = placed(image, (100, 100), Placement(focus_percent=focus))
    assert square.y[50, 20] == shown


def test_a_focus_beyond_the_middle_is_never_beyond_the_border():
    image = marked(400, 100, 360, 60)
    square = placed(image, (100, 100), Placement(focus_percent=(100, 100)))
    assert (square.y[64:96, 64:96] == 220).all()


def test_fit_shows_all_of_it_between_bars_of_its_own_colours():
    image = I420Image.filled(400, 100, (180, 90, 160))
    whole = placed(image, (200, 200), FIT)
    assert (whole.y[80:120] == 180).all()
    assert (whole.y[:60] < 130).all()
    assert (whole.y[:60] > 60).all()
    assert whole.u[5, 50] < 120
    tall = placed(I420Image.filled(100, 400, (180, 90, 160)), (200, 200), FIT)
    assert (tall.y[:, 80:120] == 180).all()
    assert (tall.y[:, :60] < 130).all()


@given(SIDES, SIDES, SIDES, SIDES, st.integers(0, 100), st.integers(0, 100), st.sampled_from(Fill))
def test_every_size_becomes_every_size(
    width: int, height: int, to_width: int, to_height: int, x: int, y: int, fill: Fill
):
    image = I420Image.filled(width, height, (100, 100, 150))
    before = image.data.copy()
    assert placed(image, (to_width, to_height), Placement(fill, (x, y))).size == (to_width, to_height)
    assert np.array_equal(image.data, before)


def test_the_same_size_costs_nothing():
    image = I420Image.filled(64, 32, (100, 100, 150))
    assert placed(image, (64, 32), COVER) is image
    assert placed(image, (64, 32), FIT) is image
