"""Steps on masks against the same in plain numpy."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from eyeline.processing.kernels.mask_steps import agree, follow


def noise(seed: int, shape: tuple[int, int] = (33, 57)) -> NDArray[np.float32]:
    return np.random.default_rng(seed).random(shape, np.float32)


@pytest.mark.parametrize("shape", [(1, 1), (33, 57), (180, 320)])
def test_agreeing(shape: tuple[int, int]):
    closeup, veto, core = (noise(seed, shape) for seed in range(3))
    agreed = np.empty(shape, np.float32)
    sums = agree(closeup, veto, core, 0.05, 4.0, agreed)
    expected = np.maximum(closeup * veto, np.minimum(core, np.maximum((closeup - 0.05) * 4, 0)))
    np.testing.assert_allclose(agreed, expected, atol=1e-6)
    np.testing.assert_allclose(sums, (closeup.sum(), expected.sum(), np.abs(closeup - expected).sum()), rtol=1e-4)


@pytest.mark.parametrize("shape", [(1, 1), (33, 57), (180, 320)])
def test_following(shape: tuple[int, int]):
    state, mask = noise(1, shape), noise(2, shape)
    followed = np.empty(shape, np.float32)
    follow(state, mask, 0.35, 3.0, 0.1, followed)
    gain = np.minimum(0.35 + 3 * np.abs(mask - state), 1)
    expected = state + gain * (mask - state)
    np.testing.assert_allclose(followed, np.where(expected < 0.1, 0, expected), atol=1e-6)
