"""Calm over time without lag: a running average that lets go where the mask truly changes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eyeline.processing.kernels.mask_steps import follow

BASE_GAIN = 0.35
GAIN_PER_CHANGE = 3.0
FLUSH_BELOW = 1e-3


class ChangeGatedFilter:
    """`state += gain * (new - state)` with `gain = min(1, 0.35 + 3 |new - state|)`, for each element.

    A change of 0.22 or more passes at once; noise below that is averaged. Values under 1/1000 become zero: left to
    decay they end as denormals, which made everything downstream 2.5 times slower.
    """

    def __init__(self) -> None:
        self._state: NDArray[np.float32] | None = None

    def update(self, mask: NDArray[np.float32]) -> NDArray[np.float32]:
        """The filtered mask, same shape; the first one, or one of another shape, passes as it is. Read-only."""
        if self._state is None or self._state.shape != mask.shape:
            state = np.where(mask < np.float32(FLUSH_BELOW), np.float32(0), mask)
        else:
            state = np.empty_like(mask)
            follow(self._state, mask, BASE_GAIN, GAIN_PER_CHANGE, FLUSH_BELOW, state)
        self._state = state
        return state

    @property
    def state(self) -> NDArray[np.float32] | None:
        """What `update` gave last. Read-only."""
        return self._state

    def carry(self, state: NDArray[np.float32]) -> NDArray[np.float32]:
        """Go on from there, the same state after the picture has moved. Read-only from now on."""
        self._state = state
        return state

    def reset(self) -> None:
        """Forget what was."""
        self._state = None
