from __future__ import annotations

import pytest

from eyeline.processing.sources.live import LiveLag

FRAME_S = 0.04


def stale(arrivals: list[tuple[float, float]]) -> list[bool]:
    lag = LiveLag()
    return [lag.is_stale(media_s, now_s) for media_s, now_s in arrivals]


def test_a_steady_stream_is_fresh() -> None:
    assert not any(stale([(100 + n * FRAME_S, 5 + n * FRAME_S) for n in range(500)]))


def test_jitter_is_no_lateness() -> None:
    assert not any(stale([(n * FRAME_S, n * FRAME_S + (0.2 if n % 3 else 0.0)) for n in range(500)]))


def test_what_was_held_up_is_stale_until_the_backlog_is_through() -> None:
    steady = [(n * FRAME_S, n * FRAME_S) for n in range(50)]
    burst = [(n * FRAME_S, 4.0) for n in range(50, 100)]  # two seconds of frames, all at once
    on_time = [(n * FRAME_S, n * FRAME_S) for n in range(100, 150)]
    answers = stale(steady + burst + on_time)
    assert not any(answers[:50])
    fresh = [n for n in range(50, 100) if not answers[n]]
    assert fresh == [*range(100 - len(fresh), 100)]
    assert len(fresh) <= 8
    assert not any(answers[100:])


@pytest.mark.parametrize("jump_s", [-50.0, 50.0])
def test_a_stream_whose_clock_jumps_goes_on(jump_s: float) -> None:
    before = [(n * FRAME_S, n * FRAME_S) for n in range(50)]
    after = [(n * FRAME_S + jump_s, n * FRAME_S) for n in range(50, 100)]
    assert not any(stale(before + after))


@pytest.mark.parametrize("speed", [0.999, 1.001])
def test_clocks_that_drift_apart(speed: float) -> None:
    assert not any(stale([(n * FRAME_S * speed, n * FRAME_S) for n in range(30 * 60 * 25)]))


def test_a_stream_that_stays_late_is_shown_again() -> None:
    before = [(n * FRAME_S, n * FRAME_S) for n in range(50)]
    later = [(n * FRAME_S, n * FRAME_S + 1.5) for n in range(50, 300)]
    answers = stale(before + later)
    assert any(answers)
    assert not any(answers[-150:])
