"""The still card: calm, named, at any size."""

from __future__ import annotations

import numpy as np
import pytest

from eyeline.processing.card import StillCard


@pytest.mark.parametrize("size", [(1280, 720), (320, 180), (180, 320), (16, 16), (640, 480)])
@pytest.mark.parametrize("name", ["Ada", "Zo\u00eb M\u00fcller-\u0141ukasiewicz", "\u674e\u96f7", "", "x" * 500])
def test_any_name_fits_at_any_size(size: tuple[int, int], name: str) -> None:
    assert StillCard(name).image(*size).size == size


def test_the_name_is_drawn_and_stays_within() -> None:
    bare, named = StillCard("", "").image(640, 360), StillCard("W" * 60, "").image(640, 360)
    changed = np.abs(named.y.astype(int) - bare.y.astype(int)) > 40
    assert changed.sum() > 500
    assert not changed[:, :8].any()
    assert not changed[:, -8:].any()


def test_the_same_card_is_drawn_once() -> None:
    assert StillCard("Ada").image(640, 360) is StillCard("Ada").image(640, 360)
