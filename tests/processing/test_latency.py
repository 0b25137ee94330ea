from __future__ import annotations

from eyeline.processing.latency import MAX_LATENCY_S, REST_S, LatencyMeter


def metered(latencies_s: list[float], *, fps: float = 30) -> LatencyMeter:
    meter = LatencyMeter()
    for number, latency_s in enumerate(latencies_s):
        meter.left(100 + number / fps - latency_s, 100 + number / fps)
    return meter


def test_before_any_picture() -> None:
    assert LatencyMeter().latency_s(100) == REST_S


def test_one_that_is_held_up_changes_nothing() -> None:
    meter = metered([0.04, 0.041, 0.039] * 10 + [0.4])
    assert abs(meter.latency_s(101.1) - 0.04) < 0.0011


def test_what_lasts_is_followed_within_a_second() -> None:
    meter = metered([0.04] * 60 + [0.08] * 30)
    assert abs(meter.latency_s(103) - 0.08) < 0.001


def test_it_is_held_for_a_moment_and_then_rests() -> None:
    meter = metered([0.1] * 30)
    assert abs(meter.latency_s(102) - 0.1) < 0.001
    assert meter.latency_s(104) == REST_S


def test_it_is_bounded() -> None:
    assert metered([7.0] * 9).latency_s(100.3) == MAX_LATENCY_S
    assert metered([-1.0] * 9).latency_s(100.3) == 0
