"""The audit log as a file that only its user can read, of bounded size."""

from __future__ import annotations

import itertools
import json
import logging
import os
import queue
import threading
from pathlib import Path

from eyeline.bot.control.audit import AuditEntry
from eyeline.config.errors import UsageError

log = logging.getLogger(__name__)

MAX_BYTES = 1 << 20
OLDER_KEPT = 3
_MAX_WAITING = 1000
_CLOSE_TIMEOUT_S = 2.0
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


class AuditFileError(UsageError):
    """The file cannot be written."""

    code = "audit_file"


class AuditFile:
    """Adds lines of JSON to a file, in a thread of its own.

    A line tells when, by what way, who (name and identity), the kind of the command, and whether it was done. What was
    said, what was answered and codes are in none.

    Args:
        path: Of the file; `path.1` is the next older one.
        max_bytes: When it is begun anew.

    Raises:
        AuditFileError: It cannot be written.
    """

    def __init__(self, path: Path, *, max_bytes: int = MAX_BYTES) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._lost = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._append(b"")
        except OSError as error:
            raise AuditFileError(
                f"The audit log {path} cannot be written: {error.strerror or error}.",
                hint="Check control.audit_file.",
            ) from error
        self._waiting: queue.Queue[AuditEntry | None] = queue.Queue(_MAX_WAITING)
        self._writer = threading.Thread(target=self._write_all, name="audit log", daemon=True)
        self._writer.start()

    def keep(self, entry: AuditEntry) -> None:
        """Have an entry written; never waits. Where the disk is too slow, some are lost, and the file says how many."""
        try:
            self._waiting.put_nowait(entry)
        except queue.Full:
            self._lost += 1

    def close(self) -> None:
        """Write what waits, and end. Blocks for a moment."""
        try:
            self._waiting.put(None, timeout=_CLOSE_TIMEOUT_S)
        except queue.Full:
            log.warning("the audit log %s could not be written to its end", self._path)
            return
        self._writer.join(_CLOSE_TIMEOUT_S)

    def _write_all(self) -> None:
        while (entry := self._waiting.get()) is not None:
            lost, self._lost = self._lost, 0
            lines = ([{"lost": lost}] if lost else []) + [_line(entry)]
            try:
                self._append("".join(json.dumps(line) + "\n" for line in lines).encode())
            except OSError as error:
                log.warning("the audit log %s cannot be written: %s", self._path, error.strerror or error)

    def _append(self, data: bytes) -> None:
        descriptor = os.open(self._path, _FLAGS, 0o600)
        try:
            if hasattr(os, "fchmod"):
                os.fchmod(descriptor, 0o600)
            os.write(descriptor, data)
            is_full = os.fstat(descriptor).st_size >= self._max_bytes
        finally:
            os.close(descriptor)
        if is_full:
            self._begin_anew()

    def _begin_anew(self) -> None:
        """Every older file moves on by one; the oldest goes."""
        names = [self._path, *(self._path.with_name(f"{self._path.name}.{n}") for n in range(1, OLDER_KEPT + 1))]
        for newer, older in reversed(list(itertools.pairwise(names))):
            if newer.exists():
                newer.replace(older)


def _line(entry: AuditEntry) -> dict[str, object]:
    caller, outcome = entry.caller, entry.outcome
    identity = caller.identity
    return {
        "time": entry.time.isoformat(timespec="milliseconds"),
        "origin": caller.origin.value,
        "by": caller.name,
        "identity": f"{identity.kind.value}:{identity.value}" if identity else None,
        "operator": caller.operator,
        "command": entry.command,
        "status": outcome.status.value,
        "reason": outcome.reason.value if outcome.reason else None,
    }
