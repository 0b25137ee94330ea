"""How large the layers are, and which of them a rate has room for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyeline.processing.rtc.simulcast_layers import LAYERS, allot, layer_rates, layer_sizes, most_bps

OF_720 = ((320, 180), (640, 360), (1280, 720))


@pytest.mark.parametrize(
    ("size_px", "sizes"),
    [
        ((1280, 720), OF_720),
        ((640, 360), OF_720[:2]),
        ((320, 180), OF_720[:1]),
        ((1920, 1080), ((480, 270), (960, 540), (1920, 1080))),
        ((640, 480), ((320, 240), (640, 480))),
        ((720, 1280), ((180, 320), (360, 640), (720, 1280))),
    ],
)
def test_each_layer_has_twice_the_sides_of_the_one_below(
    size_px: tuple[int, int], sizes: tuple[tuple[int, int], ...]
) -> None:
    assert layer_sizes(*size_px) == sizes


@given(st.integers(1, 2000), st.integers(1, 2000))
def test_sizes_of_any_picture_can_be_encoded(half_width_px: int, half_height_px: int) -> None:
    sizes = layer_sizes(2 * half_width_px, 2 * half_height_px)
    assert 1 <= len(sizes) <= LAYERS
    assert sizes[-1] == (2 * half_width_px, 2 * half_height_px)
    assert all(side >= 2 and side % 2 == 0 for size_px in sizes for side in size_px)


def test_browsers_send_as_much() -> None:
    assert [layer_rates(size_px).most_bps for size_px in OF_720] == [200_000, 500_000, 1_500_000]
    assert most_bps(OF_720) == 2_200_000


def test_the_lowest_layer_is_filled_first_and_the_rest_is_for_those_above() -> None:
    assert allot(2_200_000, OF_720, 3) == (200_000, 500_000, 1_500_000)
    assert allot(5_000_000, OF_720, 3) == (200_000, 500_000, 1_500_000)
    assert allot(1_200_000, OF_720, 0) == (200_000, 500_000, 500_000)
    assert allot(1_000_000, OF_720, 2) == (200_000, 500_000)
    assert allot(300_000, OF_720, 3) == (200_000,)
    assert allot(10_000, OF_720, 3) == (60_000,)


def test_a_layer_that_is_sent_stays_with_less_than_it_needs_to_come() -> None:
    just_enough_bps = 200_000 + 500_000 + 350_000
    assert len(allot(just_enough_bps, OF_720, 3)) == 3
    assert len(allot(just_enough_bps, OF_720, 2)) == 2
    assert len(allot(just_enough_bps + 100_000, OF_720, 2)) == 3


@given(st.integers(0, 10_000_000), st.integers(0, 3), st.integers(1, 3))
def test_never_more_is_shared_out_than_there_is(budget_bps: int, running: int, wanted: int) -> None:
    rates_bps = allot(budget_bps, OF_720[:wanted], running)
    assert 1 <= len(rates_bps) <= wanted
    assert sum(rates_bps) <= max(budget_bps, layer_rates(OF_720[0]).least_bps)
