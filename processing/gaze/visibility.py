"""How well an eye is seen, and whether something is before it that was not there a moment ago."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from eyeline.processing.gaze.estimate import Visibility
from eyeline.processing.kernels.eye_visibility import eye_visibility

_CELLS = 8  # the patch is told in so many cells in each direction
_BRIGHTNESS = np.array([0.3, 0.59, 0.11], np.float32)
_LEARN_S = 0.4
_STRANGE = 0.25  # from here on nothing is learned: a hand must not become what is usual
_FORGET_S = 2.0  # unless it stays
_NOT_AROUND = slice(2, 6)  # the cells in the middle, where an eye moves and blinks


class EyeWatch:
    """One eye's; used by one thread."""

    def __init__(self) -> None:
        self._usual: NDArray[np.float32] | None = None
        self._seen = np.zeros(3, np.float32)
        self._strange_s = 0.0
        self._around = np.ones((_CELLS, _CELLS), bool)
        self._around[_NOT_AROUND, 1:7] = False

    def reset(self) -> None:
        """Another face, or the same one after a while."""
        self._usual = None
        self._strange_s = 0.0

    def look(
        self,
        patch: NDArray[np.float32],
        upper: NDArray[np.float32],
        lower: NDArray[np.float32],
        iris: NDArray[np.float32],
        passed_s: float,
    ) -> Visibility:
        """Measure one frame.

        Args:
            patch: The iris net's input, `(1, side, side, 3)`.
            upper: Points of the upper lid in the patch, from left to right: `(9, 2)`.
            lower: Of the lower lid, likewise.
            iris: Of the iris, `(5, 2)`.
            passed_s: Since the frame before.
        """
        eye_visibility(patch, upper, lower, iris, self._seen)
        contrast, glare, sharpness = (float(value) for value in self._seen)
        return Visibility(contrast, glare, sharpness, self._strangeness(patch, passed_s))

    def _strangeness(self, patch: NDArray[np.float32], passed_s: float) -> float:
        cells = cv2.resize(patch[0], (_CELLS, _CELLS), interpolation=cv2.INTER_AREA)
        around = cells[self._around] @ _BRIGHTNESS
        around = around / max(float(around.mean()), 0.02)  # more or less light is nothing strange
        if self._usual is None:
            self._usual = around
            return 0.0
        strange = float(np.sort(np.abs(around - self._usual))[-8:].mean())
        self._strange_s = self._strange_s + passed_s if strange > _STRANGE else 0.0
        if strange <= _STRANGE or self._strange_s > _FORGET_S:
            share = np.float32(1.0 if strange > _STRANGE else min(1.0, passed_s / _LEARN_S))
            self._usual = self._usual + share * (around - self._usual)
        return min(1.0, strange)
