"""The size follows the rate: down at once, up with patience."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyeline.processing.rtc.size_ladder import SizeLadder


def after(ladder: SizeLadder, rate_bps: int, begin_s: float, seconds: float) -> int:
    height_px = 0
    for number in range(round(seconds * 30) + 1):
        height_px = ladder.height_px(1280, 720, rate_bps, begin_s + number / 30)
    return height_px


@pytest.mark.parametrize(
    ("rate_bps", "height_px"),
    [(2_500_000, 720), (700_000, 720), (500_000, 540), (300_000, 360), (200_000, 270), (100_000, 180), (1, 180)],
)
def test_down_at_once(rate_bps: int, height_px: int) -> None:
    assert SizeLadder().height_px(1280, 720, rate_bps, 0.0) == height_px


def test_up_one_step_after_the_other_and_not_soon() -> None:
    ladder = SizeLadder()
    assert after(ladder, 200_000, 0, 1) == 270
    assert after(ladder, 2_000_000, 1, 3) == 270
    assert after(ladder, 2_000_000, 4, 2) == 360
    assert after(ladder, 2_000_000, 6, 5) == 540
    assert after(ladder, 2_000_000, 11, 5) == 720


def test_just_enough_is_not_enough_to_go_up() -> None:
    ladder = SizeLadder()
    after(ladder, 500_000, 0, 1)
    assert after(ladder, 650_000, 1, 60) == 540


def test_a_step_that_did_not_hold_is_waited_for_longer() -> None:
    ladder, now_s = SizeLadder(), 0.0
    waits_s = []
    for _ in range(3):
        ladder.height_px(1280, 720, 500_000, now_s)
        begun_s = now_s
        while ladder.height_px(1280, 720, 900_000, now_s) < 720:
            now_s += 1 / 30
        waits_s.append(now_s - begun_s)
    assert waits_s[1] > 1.8 * waits_s[0]
    assert waits_s[2] > 1.8 * waits_s[1]


def test_another_picture_is_judged_by_its_own_size() -> None:
    ladder = SizeLadder()
    assert ladder.height_px(1920, 1080, 1_000_000, 0.0) == 720
    assert ladder.height_px(640, 360, 1_000_000, 1.0) == 360
    assert ladder.height_px(640, 480, 2_000_000, 2.0) in (360, 480)


@given(st.lists(st.tuples(st.integers(0, 4_000_000), st.floats(0, 20)), max_size=40), st.integers(90, 1080))
def test_never_taller_than_the_picture(rates: list[tuple[int, float]], half_px: int) -> None:
    ladder, now_s = SizeLadder(), 0.0
    for rate_bps, pause_s in rates:
        now_s += pause_s
        assert 0 < ladder.height_px(half_px * 3, half_px * 2, rate_bps, now_s) <= half_px * 2
