"""The life of a source, as its owner sees it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from eyeline.processing.errors import SourceError


class SourcePhase(Enum):
    """Where a source is in its life.

    We open a device, a file or a stream; for a browser that sends to us we wait.
    """

    OPENING = "opening"
    WAITING = "waiting"
    RUNNING = "running"
    LOST = "lost"
    STOPPED = "stopped"


TRANSITIONS: dict[SourcePhase | None, frozenset[SourcePhase]] = {
    None: frozenset({SourcePhase.OPENING, SourcePhase.WAITING}),
    SourcePhase.OPENING: frozenset({SourcePhase.RUNNING, SourcePhase.LOST, SourcePhase.STOPPED}),
    SourcePhase.WAITING: frozenset({SourcePhase.RUNNING, SourcePhase.LOST, SourcePhase.STOPPED}),
    SourcePhase.RUNNING: frozenset({SourcePhase.LOST, SourcePhase.STOPPED}),
    SourcePhase.LOST: frozenset({SourcePhase.OPENING, SourcePhase.RUNNING, SourcePhase.STOPPED}),
    SourcePhase.STOPPED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class SourceState:
    """A phase and its reason.

    Args:
        phase: Where the source is.
        error: Why it was lost; `None` in every other phase.
        retry_in_s: When it is tried again, counted from the loss; `None` when the other side has to come back.
    """

    phase: SourcePhase
    error: SourceError | None = None
    retry_in_s: float | None = None

    @property
    def detail(self) -> str:
        """The reason in plain words; empty when there is nothing to say."""
        if self.error is None:
            return ""
        if self.retry_in_s is None:
            return str(self.error)
        return f"{self.error.message} Trying again in {self.retry_in_s:.1f} s."
