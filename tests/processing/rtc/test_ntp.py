"""NTP timestamps."""

from __future__ import annotations

import time

from aiortc import clock

from eyeline.processing.rtc.ntp import abs_send_time, middle_32, ntp_s, ntp_time


def test_it_agrees_with_the_wall_clock() -> None:
    assert abs(ntp_s(ntp_time(time.monotonic())) - ntp_s(clock.current_ntp_time())) < 1.0


def test_differences_are_those_of_the_monotonic_clock() -> None:
    assert abs((ntp_time(101.25) - ntp_time(100.0)) / (1 << 32) - 1.25) < 1e-6


def test_the_middle_has_units_of_a_65536th_of_a_second() -> None:
    assert middle_32(0x0123456789ABCDEF) == 0x456789AB


def test_abs_send_time_has_18_bits_of_fraction() -> None:
    first, second = abs_send_time(50.0), abs_send_time(50.5)
    assert (second - first) % (1 << 24) == 1 << 17
    assert 0 <= first < 1 << 24
