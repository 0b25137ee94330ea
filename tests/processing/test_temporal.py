"""Calm where nothing happens, no lag where something does."""

from __future__ import annotations

import numpy as np

from eyeline.processing.temporal import ChangeGatedFilter


def flat(value: float) -> np.ndarray:
    return np.full((4, 4), value, np.float32)


def test_noise_is_averaged_and_a_true_change_passes_at_once():
    calm = ChangeGatedFilter()
    calm.update(flat(0.5))
    assert 0.51 < calm.update(flat(0.54))[0, 0] < 0.53
    assert calm.update(flat(1.0))[0, 0] == 1.0


def test_noise_comes_out_smaller_than_it_went_in():
    random = np.random.default_rng(0)
    calm = ChangeGatedFilter()
    given = [np.clip(flat(0.5) + random.normal(0, 0.03, (4, 4)), 0, 1).astype(np.float32) for _ in range(200)]
    got = [calm.update(mask) for mask in given]
    assert np.diff(got, axis=0).std() < 0.7 * np.diff(given, axis=0).std()


def test_nothing_decays_into_denormals():
    calm = ChangeGatedFilter()
    calm.update(flat(0.2))
    for _ in range(300):
        state = calm.update(flat(0.0))
        assert not ((state > 0) & (state < 1e-3)).any()
    assert (state == 0).all()


def test_what_was_returned_is_not_changed_later():
    calm = ChangeGatedFilter()
    first = calm.update(flat(0.5))
    calm.update(flat(0.6))
    assert (first == 0.5).all()


def test_another_shape_begins_anew():
    calm = ChangeGatedFilter()
    calm.update(flat(0.5))
    assert (calm.update(np.full((2, 2), 0.6, np.float32)) == np.float32(0.6)).all()
    calm.reset()
    assert (calm.update(np.full((2, 2), 0.7, np.float32)) == np.float32(0.7)).all()
