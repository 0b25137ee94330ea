"""How well an eye is seen, and whether something is before it that was not there a moment ago."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eyeline.processing.gaze.estimate import Visibility
from eyeline.processing.kernels.eye_surroundings import CELLS, strangeness, surroundings
from eyeline.processing.kernels.eye_visibility import eye_visibility

_SUDDEN, _SUDDEN_CELLS = 0.2, 8  # of the mean brightness: so much, in so many cells, is something that has come
_SLOW, _SLOW_CELLS = 0.28, 32
_LAST_S, _USUAL_S = 0.04, 0.25  # how long what was seen lasts: for the two comparisons
_STRANGE = 1.0  # from here on nothing is learned: a hand must not become what is usual
_FORGET_S = 2.0  # unless it stays so long, or as long as what it is compared with was seen


class EyeWatch:
    """One eye's; used by one thread.

    What is around an eye is compared with the frame before, which shows a hand in the very frame in which it comes, and
    with the last quarter of a second, which shows what creeps in.
    """

    def __init__(self) -> None:
        self._seen = np.zeros(3, np.float32)
        self._cells = np.zeros((CELLS, CELLS, 3), np.float32)
        self._last: NDArray[np.float32] | None = None
        self._usual = self._cells
        self._strange_s = self._calm_s = 0.0

    def reset(self) -> None:
        """Another face, or the same one after a while."""
        self._last = None
        self._strange_s = self._calm_s = 0.0

    def miss(self, passed_s: float) -> None:
        """Nothing was found in this frame."""
        self._strange_s += passed_s
        if self._strange_s > min(_FORGET_S, self._calm_s):
            self.reset()

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
        cells = self._cells
        surroundings(patch, cells)
        if self._last is None:
            self._last, self._usual = cells.copy(), cells.copy()
            return 0.0
        sudden = strangeness(cells, self._last, _SUDDEN_CELLS) / _SUDDEN
        strange = max(sudden, strangeness(cells, self._usual, _SLOW_CELLS) / _SLOW)
        if strange < _STRANGE:
            self._strange_s = 0.0
            self._calm_s += passed_s
            self._last += np.float32(min(1.0, passed_s / _LAST_S)) * (cells - self._last)
            self._usual += np.float32(min(1.0, passed_s / _USUAL_S)) * (cells - self._usual)
            return strange
        self.miss(passed_s)
        return strange
