"""Who asked for what, and what came of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
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
    """The newest commands, oldest first.

    Args:
        keep: Takes each of them, too.
    """

    def __init__(self, keep: Callable[[AuditEntry], None] = lambda _: None) -> None:
        self._entries: deque[AuditEntry] = deque(maxlen=MAX_ENTRIES)
        self._keep = keep

    @property
    def entries(self) -> tuple[AuditEntry, ...]:
        """All that are kept."""
        return tuple(self._entries)

    def note(self, caller: Caller, command: Command, outcome: Outcome) -> None:
        """Keep one; a code that was sent is no part of it."""
        entry = AuditEntry(datetime.now(UTC), caller, command.kind, outcome)
        self._entries.append(entry)
        self._keep(entry)
