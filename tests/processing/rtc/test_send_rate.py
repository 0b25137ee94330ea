from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyeline.processing.rtc.send_rate import SendRate, rate_limits


def test_limits_grow_with_the_picture() -> None:
    sizes = [(320, 180), (480, 270), (640, 360), (960, 540), (1280, 720), (1920, 1080)]
    limits = [rate_limits(*size) for size in sizes]
    for of in limits:
        assert 0 < of.least_bps < of.start_bps < of.most_bps
    for field in ("least_bps", "start_bps", "most_bps"):
        values = [getattr(of, field) for of in limits]
        assert values == sorted(set(values))


def test_a_picture_on_its_side_is_worth_the_same() -> None:
    assert rate_limits(720, 1280) == rate_limits(1280, 720)


def test_it_starts_with_care_and_stays_there_unheard() -> None:
    rate = SendRate()
    rate.on_size(1280, 720)
    assert rate.target_bps(0) == 1_200_000
    assert rate.target_bps(60) == 1_200_000


def test_the_size_decides_the_start() -> None:
    rate = SendRate()
    rate.on_size(640, 360)
    assert rate.target_bps(0) == 500_000
    rate.on_size(1280, 720)
    assert rate.target_bps(1) == 1_200_000


def test_an_estimate_is_followed_down_at_once() -> None:
    rate = SendRate()
    rate.on_remb(700_000, 1.0)
    assert rate.target_bps(1.0) == 700_000


def test_and_up_along_a_ramp() -> None:
    rate = SendRate()
    rate.on_remb(2_000_000, 0.0)
    assert rate.target_bps(0.0) == 1_200_000
    assert 1_300_000 < rate.target_bps(1.0) < 1_450_000
    rate.on_remb(2_000_000, 2.0)
    assert rate.target_bps(10.0) == 2_000_000


def test_the_ramp_does_not_depend_on_how_often_it_is_asked() -> None:
    often, seldom = SendRate(), SendRate()
    for rate in (often, seldom):
        rate.on_remb(5_000_000, 0.0)
    for number in range(300):
        often.target_bps(number / 100)
    assert often.target_bps(3.0) == pytest.approx(seldom.target_bps(3.0), rel=0.001)


def test_it_climbs_from_the_bottom_in_bearable_time() -> None:
    rate = SendRate()
    rate.on_remb(50_000, 0.0)
    assert rate.target_bps(0.0) == 200_000
    rate.on_remb(2_500_000, 1.0)
    assert rate.target_bps(22.0) == 2_500_000


def test_heavy_loss_lowers_it_once_a_second() -> None:
    rate = SendRate()
    rate.on_loss(0.2, 0.0)
    rate.on_loss(0.2, 0.1)
    assert rate.target_bps(0.1) == 1_080_000
    rate.on_loss(0.2, 1.1)
    assert rate.target_bps(1.1) == 972_000


def test_some_loss_holds_it_and_none_lets_it_recover() -> None:
    rate = SendRate()
    rate.on_remb(2_000_000, 0.0)
    rate.on_loss(0.05, 0.0)
    assert rate.target_bps(30.0) == 1_200_000
    rate.on_loss(0.0, 30.0)
    assert rate.target_bps(40.0) == 2_000_000


def test_without_estimates_it_recovers_to_where_it_started() -> None:
    rate = SendRate()
    rate.on_loss(0.5, 0.0)
    rate.on_loss(0.0, 1.0)
    assert rate.target_bps(1.0) == 900_000
    assert rate.target_bps(20.0) == 1_200_000


def test_a_smaller_picture_takes_the_rate_along_as_far_as_it_is_worth() -> None:
    rate = SendRate()
    rate.on_remb(2_500_000, 0.0)
    rate.target_bps(20.0)
    rate.on_size(640, 360)
    assert rate.target_bps(20.0) == 1_000_000
    rate.on_size(1280, 720)
    assert rate.target_bps(20.0) == 1_000_000
    assert rate.target_bps(40.0) == 2_500_000


def test_where_packets_queue_up_less_is_sent_than_the_estimate_says() -> None:
    rate = SendRate()
    rate.on_remb(1_000_000, 0.0, overused=True)
    assert rate.target_bps(0.0) == 850_000
    assert rate.drained_bps(0.0) == 510_000
    rate.on_remb(1_000_000, 0.5)
    assert 850_000 < rate.target_bps(0.5) < 1_000_000


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["remb", "loss", "size", "wait"]),
            st.integers(0, 10_000_000),
            st.floats(0, 1),
            st.floats(0, 30),
        )
    )
)
def test_it_never_leaves_its_limits(events: list[tuple[str, int, float, float]]) -> None:
    rate, now_s, size = SendRate(), 0.0, (1280, 720)
    for kind, bitrate_bps, fraction, wait_s in events:
        now_s += wait_s
        if kind == "remb":
            rate.on_remb(bitrate_bps, now_s)
        elif kind == "loss":
            rate.on_loss(fraction, now_s)
        elif kind == "size":
            size = [(320, 180), (640, 360), (1280, 720), (1920, 1080)][bitrate_bps % 4]
            rate.on_size(*size)
        limits = rate_limits(*size)
        assert limits.least_bps <= rate.target_bps(now_s) <= limits.most_bps
        if kind == "remb":
            assert rate.target_bps(now_s) <= max(bitrate_bps, limits.least_bps)
