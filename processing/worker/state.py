"""The life of a supervised worker."""

from __future__ import annotations

from enum import Enum


class WorkerState(Enum):
    """Where the worker is."""

    STARTING = "starting"
    RUNNING = "running"
    RESTARTING = "restarting"
    STOPPED = "stopped"


TRANSITIONS: dict[WorkerState, frozenset[WorkerState]] = {
    WorkerState.STARTING: frozenset({WorkerState.RUNNING, WorkerState.RESTARTING, WorkerState.STOPPED}),
    WorkerState.RUNNING: frozenset({WorkerState.RESTARTING, WorkerState.STOPPED}),
    WorkerState.RESTARTING: frozenset({WorkerState.STARTING, WorkerState.STOPPED}),
    WorkerState.STOPPED: frozenset(),
}
"""`STARTING` until effects are applied: no picture comes before."""
