from __future__ import annotations

from eyeline.processing.rtc.recent_quantile import RecentQuantile


def test_what_most_keep_below() -> None:
    most = RecentQuantile(0.9, 5.0)
    for number in range(11):
        most.add(float(number), number * 0.1)
    assert most.value == 9


def test_old_values_are_forgotten() -> None:
    most = RecentQuantile(0.5, 5.0)
    for number in range(100):
        most.add(50.0 if number < 50 else 1.0, number * 0.1)
    assert most.value in (1.0, 50.0)
    most.add(1.0, 10.5)
    assert most.value == 1


def test_a_restart() -> None:
    most = RecentQuantile(0.5, 5.0)
    most.add(7.0, 1.0)
    most.restart(3.0)
    assert most.value == 3
    most.add(4.0, 1.1)
    assert most.value == 4
