"""Mask to matte."""

from __future__ import annotations

import numpy as np

from eyeline.processing.refine import full_size_matte, small_alpha


def test_sure_values_become_exactly_opaque_or_clear_in_every_plane():
    mask = np.zeros((18, 32), np.float32)
    mask[:, 16:] = 0.9
    mask[:, :16] = 0.15
    matte = full_size_matte(mask, 320, 180)
    assert matte.data.shape == (320 * 180 * 3 // 2,)
    u_plane, v_plane = matte.data[320 * 180 :].reshape(2, 90, 160)
    for plane in (matte.plane, u_plane, v_plane):
        middle = plane.shape[1] // 2
        assert (plane[:, : middle - 10] == 0).all()
        assert (plane[:, middle + 10 :] == 255).all()


def test_chroma_has_the_same_edge_as_luma():
    mask = np.zeros((18, 32), np.float32)
    mask[4:14, 8:20] = 1
    matte = full_size_matte(mask, 320, 180)
    u_plane = matte.data[320 * 180 :][: 160 * 90].reshape(90, 160)
    averaged = matte.plane.reshape(90, 2, 160, 2).mean(axis=(1, 3))
    assert np.abs(averaged - u_plane).mean() < 1.5


def test_the_edge_is_steeper_than_the_enlarged_mask():
    mask = np.zeros((18, 32), np.float32)
    mask[:, 16:] = 1
    row = full_size_matte(mask, 1280, 720).plane[360].astype(int)
    soft = ((row > 0) & (row < 255)).sum()
    assert 8 < soft < 40  # one cell of the mask is 40 px wide
    assert (np.diff(row) >= 0).all()


def test_the_small_alpha_agrees_with_the_matte():
    mask = np.linspace(0, 1, 32, dtype=np.float32)[None].repeat(18, axis=0)
    np.testing.assert_allclose(small_alpha(mask, 64, 36), full_size_matte(mask, 64, 36).plane / 255, atol=0.02)
