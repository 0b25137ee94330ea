"""The metrics, on mattes whose errors can be told by hand."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from eyeline.bot.bench.matte_metrics import (
    BAND_PX,
    Matte,
    MatteErrors,
    band_mad,
    dtssd,
    errors_of,
    gradient_error,
    iou,
    mad,
)


def half(edge: int = 100) -> Matte:
    matte = np.zeros((100, 200), np.float32)
    matte[:, edge:] = 1
    return matte


EMPTY, FULL = np.zeros((100, 200), np.float32), np.ones((100, 200), np.float32)


def test_the_true_matte_has_no_error():
    assert errors_of(half(), half(), (half(90), half(90))) == MatteErrors(1.0, 0.0, 0.0, 0.0, 0.0)


def test_intersection_over_union():
    assert iou(half(50), half(100)) == pytest.approx(100 / 150)
    assert iou(EMPTY, half()) == 0
    assert iou(EMPTY, EMPTY) == 1


def test_mean_absolute_difference_all_over_and_near_the_edge():
    assert mad(half(90), half(100)) == pytest.approx(0.05)
    assert band_mad(half(90), half(100)) == pytest.approx(10 / (2 * BAND_PX))
    assert band_mad(EMPTY, FULL) is None
    far = half()
    far[:, :20] = 1
    assert band_mad(far, half()) == 0


def test_the_gradient_error_sees_a_blur_and_not_a_constant():
    blurred = np.asarray(cv2.GaussianBlur(half(), (0, 0), 6), np.float32)
    assert gradient_error(blurred, half()) > 10
    assert gradient_error(half() * 0.5 + 0.5, half() * 0.5) == pytest.approx(0, abs=1e-6)
    assert gradient_error(half(90), half()) > 2 * gradient_error(half(100), EMPTY) * 0.9  # two edges, none in place


def test_flicker_is_change_that_is_not_there():
    assert dtssd(half(80), half(100), half(80), half(100)) == 0  # wrong, but still
    assert dtssd(half(), half(), EMPTY, half()) == pytest.approx(np.sqrt(0.5))


def test_means_leave_out_what_is_not_there():
    mean = MatteErrors.mean([MatteErrors(1.0, 2.0, None, 4.0, None), MatteErrors(0.5, 4.0, 6.0, 0.0, 3.0)])
    assert mean == MatteErrors(0.75, 3.0, 6.0, 2.0, 3.0)
    assert MatteErrors.mean([MatteErrors(1.0, 2.0, None, 4.0)]).dtssd is None
    with pytest.raises(ValueError, match="no errors"):
        MatteErrors.mean([])
