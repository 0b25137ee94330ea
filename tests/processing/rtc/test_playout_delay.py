from __future__ import annotations

import numpy as np

from eyeline.processing.rtc.playout_delay import ALLOWANCE_FOR_S, MAX_DELAY_S, PlayoutDelay


def fed(transits_s: list[float], delay: PlayoutDelay | None = None, begin: int = 0) -> PlayoutDelay:
    delay = delay or PlayoutDelay()
    for number, transit_s in enumerate(transits_s, begin):
        delay.arrived(number * 0.02, 1000 + number * 0.02 + transit_s)
    return delay


def waits_ms(delay: PlayoutDelay) -> float:
    return (delay.offset_s - delay.least_s) * 1000


def test_little_where_all_is_even() -> None:
    assert waits_ms(fed([0.0] * 300)) < 6


def test_more_at_first_when_nothing_is_known() -> None:
    assert 15 < waits_ms(fed([0.0])) < 25


def test_as_much_as_most_packets_need() -> None:
    transits_s = np.random.default_rng(1).uniform(0, 0.05, 300)
    delay = fed(list(transits_s))
    assert 45 < waits_ms(delay) < 56
    assert np.mean(transits_s + 1000 > delay.offset_s) < 0.04


def test_a_single_one_that_is_late_does_not_count() -> None:
    assert waits_ms(fed([0.0] * 200 + [0.1] + [0.0] * 20)) < 6


def test_what_was_jammed_does_not_count_and_the_rest_is_bounded() -> None:
    delay = fed([0.0] * 200 + list(np.arange(30, 0, -1) * 0.02))
    assert waits_ms(delay) <= MAX_DELAY_S * 1000
    assert waits_ms(fed([0.0] * 250, delay, 230)) < 6


def test_it_grows_with_the_first_late_packets_and_shrinks_after_seconds() -> None:
    delay = fed([0.0] * 300)
    fed([0.06] * 15, delay, 300)
    assert waits_ms(delay) > 60
    fed([0.0] * 100, delay, 315)
    assert waits_ms(delay) > 60
    fed([0.0] * 200, delay, 415)
    assert waits_ms(delay) < 6


def test_an_allowance_ends() -> None:
    delay = fed([0.0] * 300)
    delay.allow(0.02, 1006.0)
    fed([0.0] * 10, delay, 300)
    assert 22 < waits_ms(delay) < 26
    fed([0.0] * round(ALLOWANCE_FOR_S / 0.02 + 10), delay, 310)
    assert waits_ms(delay) < 6


def test_a_reset_forgets() -> None:
    delay = fed([0.05, 0.0] * 150)
    delay.reset()
    delay.arrived(0.0, 5000.0)
    assert 5000 < delay.offset_s < 5000.03
