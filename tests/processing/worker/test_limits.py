"""When a worker is given up, and how soon the next one begins."""

from __future__ import annotations

from eyeline.processing.worker.limits import Patience, RestartDelays, WorkerLimits


def test_patience_counts_while_it_waits() -> None:
    patience = Patience()
    assert (patience.waits, patience.waited_s(5.0)) == (False, 0.0)
    patience.begin(10.0)
    assert [round(patience.waited_s(10.0 + step / 10), 6) for step in range(4)] == [0.0, 0.1, 0.2, 0.3]
    patience.end()
    assert patience.waited_s(20.0) == 0.0


def test_patience_does_not_count_a_sleep_of_its_own() -> None:
    patience = Patience()
    patience.begin(0.0)
    assert patience.waited_s(3600.0) < 0.5


def test_a_frame_gets_what_it_usually_takes_many_times_over() -> None:
    limits = WorkerLimits(frame_s=0.6, usual_times=5, slowest_frame_s=1.5)
    assert [limits.for_frame_s(usual_s) for usual_s in (0, 0.01, 0.2, 9.0)] == [1.5, 0.6, 1.0, 1.5]


def test_delays_grow_and_a_good_life_ends_the_row() -> None:
    delays = RestartDelays(WorkerLimits(restart_delays_s=(0.0, 0.25, 0.5), good_after_s=5.0))
    assert [delays.next_s(lived_s) for lived_s in (60, 1, 1, 1, 0, 6, 1)] == [0.0, 0.25, 0.5, 0.5, 0.5, 0.0, 0.25]
