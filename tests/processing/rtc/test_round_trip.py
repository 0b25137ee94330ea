"""The round-trip time."""

from __future__ import annotations

import pytest

from eyeline.processing.rtc.round_trip import RoundTrip


def test_it_is_what_lies_between_the_reports_less_the_stay() -> None:
    trip = RoundTrip()
    trip.report_sent(0x1234, 10.0)
    trip.report_received(0x1234, round(0.5 * 65536), 10.58)
    assert trip.value_s == pytest.approx(0.08, abs=1e-4)


def test_an_older_report_may_be_meant() -> None:
    trip = RoundTrip()
    trip.report_sent(1, 10.0)
    trip.report_sent(2, 11.0)
    trip.report_received(1, 65536, 11.05)
    assert trip.value_s == pytest.approx(0.05)


def test_it_is_smoothed_and_unknown_reports_say_nothing() -> None:
    trip = RoundTrip()
    for number, measured_s in enumerate((0.05, 0.15), start=1):
        trip.report_sent(number, float(number))
        trip.report_received(number, 0, number + measured_s)
    trip.report_received(99, 0, 50.0)
    assert trip.value_s == pytest.approx(0.05 + 0.15 * 0.1)
