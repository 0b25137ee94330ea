"""How far a matte is from the true one.

All take mattes as `float32` of shape `(height, width)` in [0, 1]. The gradient error is that of Rhemann et al., "A
Perceptually Motivated Online Benchmark for Image Matting", 2009; dtSSD that of Erofeev et al., "Perceptually Motivated
Benchmark for Video Matting", 2015.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from statistics import fmean
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

Matte = NDArray[np.float32]

BAND_PX = 15
_SIGMA = 1.4
_CUT_OFF = 1e-2


@dataclass(frozen=True, slots=True)
class MatteErrors:
    """Of one frame, or a mean of several.

    Args:
        iou: Intersection over union at one half; 1 is perfect.
        mad: Mean absolute difference, x 1e3.
        band_mad: The same within `BAND_PX` of the true edge, x 1e3; `None` where there is no edge.
        grad: Summed squared difference of the gradients' lengths, / 1000.
        dtssd: How differently the mattes change from frame to frame, x 1e2; `None` without a frame before.
    """

    iou: float
    mad: float
    band_mad: float | None
    grad: float
    dtssd: float | None = None

    @classmethod
    def mean(cls, errors: Iterable[MatteErrors]) -> Self:
        """Of each field, over those that have it.

        Raises:
            ValueError: There are none.
        """
        listed = list(errors)
        if not listed:
            raise ValueError("no errors to take the mean of")
        return cls(
            iou=fmean(one.iou for one in listed),
            mad=fmean(one.mad for one in listed),
            band_mad=_mean_of_some(one.band_mad for one in listed),
            grad=fmean(one.grad for one in listed),
            dtssd=_mean_of_some(one.dtssd for one in listed),
        )


def errors_of(found: Matte, true: Matte, previous: tuple[Matte, Matte] | None = None) -> MatteErrors:
    """All of them.

    Args:
        found: The matte to judge.
        true: The known one.
        previous: Both, of the frame before.
    """
    return MatteErrors(
        iou(found, true),
        mad(found, true) * 1e3,
        _thousands(band_mad(found, true)),
        gradient_error(found, true) / 1e3,
        dtssd(found, true, *previous) * 1e2 if previous else None,
    )


def iou(found: Matte, true: Matte) -> float:
    """Intersection over union of what is above one half; 1 where both are empty."""
    one, other = found > 0.5, true > 0.5
    union = np.count_nonzero(one | other)
    return np.count_nonzero(one & other) / union if union else 1.0


def mad(found: Matte, true: Matte) -> float:
    """Mean absolute difference."""
    return float(np.abs(found - true).mean())


def band_mad(found: Matte, true: Matte) -> float | None:
    """Mean absolute difference near the true edge; `None` where there is none."""
    person = (true > 0.5).astype(np.uint8)
    square = np.ones((2 * BAND_PX + 1, 2 * BAND_PX + 1), np.uint8)
    band = cv2.dilate(person, square) != cv2.erode(person, square)
    return float(np.abs(found - true)[band].mean()) if band.any() else None


def gradient_error(found: Matte, true: Matte) -> float:
    """Sum of the squared differences of the lengths of the Gaussian gradients."""
    return float(((_gradient_length(found) - _gradient_length(true)) ** 2).sum())


def dtssd(found: Matte, true: Matte, found_before: Matte, true_before: Matte) -> float:
    """Root mean square of the difference between both mattes' changes since the frame before."""
    return float(np.sqrt((((found - found_before) - (true - true_before)) ** 2).mean()))


def _gradient_length(matte: Matte) -> Matte:
    across, down = (
        cv2.filter2D(matte, cv2.CV_32F, kernel, borderType=cv2.BORDER_REPLICATE) for kernel in _gradient_kernels()
    )
    return np.asarray(np.hypot(across, down), np.float32)


@cache
def _gradient_kernels() -> tuple[Matte, Matte]:
    """First derivatives of a Gaussian, of unit length."""
    reach = int(np.ceil(_SIGMA * np.sqrt(-2 * np.log(np.sqrt(2 * np.pi) * _SIGMA * _CUT_OFF))))
    x = np.arange(-reach, reach + 1)
    gauss = np.exp(-(x**2) / (2 * _SIGMA**2))
    kernel = np.outer(gauss, -x * gauss)
    kernel /= np.sqrt((kernel**2).sum())
    return kernel.astype(np.float32), kernel.T.astype(np.float32)


def _mean_of_some(values: Iterable[float | None]) -> float | None:
    present = [value for value in values if value is not None]
    return fmean(present) if present else None


def _thousands(value: float | None) -> float | None:
    return None if value is None else value * 1e3
