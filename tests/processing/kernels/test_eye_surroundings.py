from __future__ import annotations

import numpy as np
import pytest

from eyeline.processing.kernels.eye_surroundings import CELLS, strangeness, surroundings
from eyeline.processing.kernels.warm_up import warm_up_gaze


@pytest.fixture(autouse=True, scope="module")
def compiled():
    warm_up_gaze()


def cells_of(patch: np.ndarray) -> np.ndarray:
    cells = np.empty((CELLS, CELLS, 3), np.float32)
    surroundings(patch[None].astype(np.float32), cells)
    return cells


def skin() -> np.ndarray:
    grain = np.random.default_rng(0).normal(0, 0.03, (64, 64, 1)) + np.linspace(-0.05, 0.05, 64)[:, None]
    return np.array([0.7, 0.5, 0.4]) + grain


def test_light_is_nothing_strange_and_a_pixel_to_the_side_neither():
    usual = cells_of(skin())
    assert strangeness(cells_of(skin()), usual, 8) == 0
    assert strangeness(cells_of(0.5 * skin()), usual, 8) == pytest.approx(0, abs=1e-4)
    assert strangeness(cells_of(np.roll(skin(), 3, axis=0)), usual, 8) < 0.1


def test_what_covers_a_side_is_and_what_is_in_the_middle_is_not():
    usual = cells_of(skin())
    side, middle = skin(), skin()
    side[:, :16] = (0.9, 0.9, 0.9)
    middle[22:42, 14:50] = 0.1
    assert strangeness(cells_of(side), usual, 8) > 0.4
    assert strangeness(cells_of(middle), usual, 8) == pytest.approx(0, abs=0.02)


def test_it_is_the_mean_of_the_farthest():
    usual = np.ones((CELLS, CELLS, 3), np.float32)
    cells = usual.copy()
    cells[0, 0], cells[15, 15] = 1.8, 0.6
    assert strangeness(cells, usual, 1) == pytest.approx(0.8, abs=1e-5)
    assert strangeness(cells, usual, 2) == pytest.approx(0.6, abs=1e-5)
    assert strangeness(cells, usual, 4) == pytest.approx(0.3, abs=1e-5)
