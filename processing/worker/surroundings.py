"""How a worker behaves as a process: quiet, first to go, and gone with its supervisor."""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import os
import signal
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import cv2

from eyeline.processing.memory import keep_freed_memory
from eyeline.processing.worker.messages import MAX_LOG_CHARS, LogLine, WorkerEnds

_OOM_SCORE = 800  # of 1000: when memory runs out, the kernel is to take the worker and not the meeting


def settle_in(ends: WorkerEnds, tell: Callable[[LogLine], None]) -> None:
    """Call once, first thing in the worker.

    Args:
        ends: As given to it.
        tell: Sends a line to the supervisor's log; called from any thread.
    """
    _leave_signals_to_the_parent()
    _die_with(ends.leash)
    _offer_to_the_oom_killer()
    _redirect_output(ends.errors)
    _forward_logs(ends.log_level, tell)
    keep_freed_memory()
    cv2.setNumThreads(1)


def _leave_signals_to_the_parent() -> None:
    """Ctrl-C, and a service manager's good-bye, go to every process of the group. The supervisor decides."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def _die_with(leash: Connection) -> None:
    """On Linux the kernel kills this process when the other end of the leash goes, even while it hangs or is stopped.

    Asking for the end of the *parent process* would not do: that is the fork server, which lives on while this does.
    See fcntl(2), F_SETSIG.
    """
    if sys.platform == "linux":
        import fcntl

        descriptor = leash.fileno()
        fcntl.fcntl(descriptor, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(descriptor, fcntl.F_SETFL, fcntl.fcntl(descriptor, fcntl.F_GETFL) | os.O_ASYNC)
        if leash.poll():  # it went before the kernel was told
            os._exit(0)


def _offer_to_the_oom_killer() -> None:
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text(f"{_OOM_SCORE}")


def _redirect_output(errors: Connection) -> None:
    """What native code writes, and the last words of a crash, go to the log instead of the terminal."""
    if sys.platform != "win32":
        for descriptor in (1, 2):
            os.dup2(errors.fileno(), descriptor)
        faulthandler.enable(file=2)


def _forward_logs(level: int, tell: Callable[[LogLine], None]) -> None:
    root = logging.getLogger()
    root.handlers = [_Forwarder(tell)]
    root.setLevel(level)


class _Forwarder(logging.Handler):
    def __init__(self, tell: Callable[[LogLine], None]) -> None:
        super().__init__()
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._tell(LogLine(record.levelno, record.name, self.format(record)[:MAX_LOG_CHARS]))
        except Exception:
            self.handleError(record)
