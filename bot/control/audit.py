"""Who asked for what, and what came of it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime

from eyeline.bot.control.caller import Caller
from eyeline.bot.control.commands import Command
from eyeline.bot.control.outcome import Outcome

MAX_ENTRIES = 500


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One command.

    Args:
        time: In UTC.
        caller: Who asked.
        command: Its kind; what it said is in the message where it matters.
        outcome: What came of it.
    """

    time: datetime
    caller: Caller
    command: str
    outcome: Outcome


class AuditLog:
    """The newest commands, oldest first."""

    def __init__(self) -> None:
        self._entries: deque[AuditEntry] = deque(maxlen=MAX_ENTRIES)

    @property
    def entries(self) -> tuple[AuditEntry, ...]:
        """All that are kept."""
        return tuple(self._entries)

    def note(self, caller: Caller, command: Command, outcome: Outcome) -> None:
        """Keep one; a code that was sent is no part of it."""
        self._entries.append(AuditEntry(datetime.now(UTC), caller, command.kind, outcome))
