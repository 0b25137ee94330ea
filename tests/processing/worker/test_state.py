"""The life of a worker."""

from __future__ import annotations

from eyeline.processing.worker.state import TRANSITIONS, WorkerState


def test_what_is_stopped_stays_so() -> None:
    assert TRANSITIONS[WorkerState.STOPPED] == frozenset()
    assert all(WorkerState.STOPPED in after for state, after in TRANSITIONS.items() if state is not WorkerState.STOPPED)
