"""HDR10 on a display that has no more than a paper's white."""

from __future__ import annotations

import numpy as np
import pytest

from eyeline.processing.frame import I420Image
from eyeline.processing.tone import tone_mapped


def pq_level(nits: float) -> int:
    """SMPTE ST 2084's inverse, limited range."""
    power = (nits / 10_000) ** 0.1593017578125
    signal = ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375
    return round(16 + 219 * signal)


def luma_of(nits: float) -> int:
    return int(tone_mapped(I420Image.filled(8, 8, (pq_level(nits), 128, 128))).y[0, 0])


def test_light_becomes_levels():
    assert luma_of(0) == 16
    assert luma_of(203) == pytest.approx(16 + 219 * 0.80, abs=8)  # paper in the sun
    assert luma_of(20) == pytest.approx(16 + 219 * 0.40, abs=14)  # a dark wall
    assert luma_of(1000) > 225
    levels = [luma_of(nits) for nits in (0, 1, 5, 20, 100, 203, 500, 1000, 4000)]
    assert levels == sorted(levels)


def test_grey_stays_grey_and_colours_keep_their_side():
    grey = tone_mapped(I420Image.filled(8, 8, (120, 128, 128)))
    assert (grey.u == 128).all()
    assert (grey.v == 128).all()
    red = tone_mapped(I420Image.filled(8, 8, (120, 110, 160)))
    assert (red.v > 155).all()
    assert (red.u < 113).all()


def test_nothing_is_written_into_the_picture_that_came():
    image = I420Image.filled(8, 8, (120, 110, 160))
    before = image.data.copy()
    tone_mapped(image)
    assert np.array_equal(image.data, before)
