from __future__ import annotations

import numpy as np
import pytest
import torch

from eyeline.models.nets import eye_patch as patch
from eyeline.models.nets.eye_flow import EyeFlowNet, compose, seen_by_net

COLUMNS, ROWS = patch.PATCH_PX


def pictures(batch: int = 2) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(1)
    return torch.rand(batch, 1, ROWS, COLUMNS), torch.rand(batch, 2, ROWS // 2, COLUMNS // 2) - 0.5


def words(batch: int = 2) -> torch.Tensor:
    return torch.zeros(batch, patch.CHANNELS_OUT, ROWS // 2, COLUMNS // 2)


def test_shapes() -> None:
    said = EyeFlowNet()(torch.zeros(3, patch.CHANNELS_IN, ROWS // 2, COLUMNS // 2))
    assert said.shape == (3, patch.CHANNELS_OUT, ROWS // 2, COLUMNS // 2)
    assert sum(weight.numel() for weight in EyeFlowNet().parameters()) < 100_000


def test_where_no_layer_has_a_share_the_picture_stays() -> None:
    said = words()
    said[:, patch.SHARE :] = -10
    luma, chroma = pictures()
    new_luma, new_chroma, shares = compose(said, torch.tensor([[5.0, 2.0]] * 2), luma, chroma)
    assert torch.allclose(new_luma, luma, atol=1e-5)
    assert torch.allclose(new_chroma, chroma, atol=1e-5)
    assert torch.allclose(shares.sum(dim=1), torch.ones(2, ROWS, COLUMNS))


def test_the_eyeball_moves_by_the_shift() -> None:
    said = words()
    said[:, patch.SHARE + 4 :] = 10
    luma, chroma = pictures()
    new_luma, _, _ = compose(said, torch.tensor([[4.0, -2.0]] * 2), luma, chroma)
    inner = new_luma[:, :, 8 : ROWS - 8, 12 : COLUMNS - 8]
    assert torch.allclose(inner, luma[:, :, 10 : ROWS - 6, 8 : COLUMNS - 12], atol=1e-3)


def test_at_the_edge_of_the_patch_nothing_changes() -> None:
    said = words()
    said[:, patch.SHARE :] = 10
    said[:, patch.LIGHT] = 0.5
    luma, chroma = pictures()
    new_luma, _, _ = compose(said, torch.tensor([[4.0, -2.0]] * 2), luma, chroma)
    for edge in ((..., 0), (..., -1), (..., 0, slice(None)), (..., -1, slice(None))):
        assert torch.allclose(new_luma[edge], luma[edge], atol=1e-5)
    assert not torch.allclose(new_luma, luma, atol=0.1)


def test_the_net_sees_where_iris_and_lids_are() -> None:
    luma, chroma = pictures(1)
    heights = torch.full((1, patch.LID_COLUMNS), 18.0)
    seen = seen_by_net(
        luma,
        chroma,
        heights,
        heights + 14,
        torch.tensor([[24.5, 24.5]]),
        torch.tensor([8.0]),
        torch.tensor([[10.0, 0]]),
    )
    assert seen.shape == (1, patch.CHANNELS_IN, ROWS // 2, COLUMNS // 2)
    assert seen[0, patch.FROM_IRIS, 12, 12] == pytest.approx(-1), "the middle of the iris"
    assert seen[0, patch.TO_IRIS, 12, 17] == pytest.approx(-1), "where it is to be"
    assert seen[0, patch.UPPER, 8, 5] < 0 < seen[0, patch.UPPER, 10, 5]
    assert seen[0, patch.LOWER, 14, 5] < 0 < seen[0, patch.LOWER, 17, 5]
    assert torch.allclose(seen[0, patch.LUMA + 1], luma[0, 0, 0::2, 1::2] - 0.5)


def test_lids_are_told_at_the_nets_columns() -> None:
    points = np.array([(10, 30), (30, 20), (50, 30)], np.float32)
    table = patch.lid_table(points)
    assert table.shape == (patch.LID_COLUMNS,)
    assert table[15] == pytest.approx(20, abs=0.5)
    assert table[0] == table[3] == 30
