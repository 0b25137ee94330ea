"""What a process does to itself before it takes a closed library and secrets in."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal

_PR_SET_PDEATHSIG = 1


def fall_silent() -> None:
    """Send standard output and error to nowhere: the SDK prints passcodes and tokens there, from C."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)


def leave_no_core() -> None:
    """A crash must not write what is in memory to a disk."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def die_with_parent() -> None:
    """Be killed when the process that started this one ends, even where the SDK hangs and reads no socket.

    A Ctrl+C in a terminal goes to both; it is the parent that says what to do then.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def end_within(seconds: int) -> None:
    """Be killed after that, whatever a library is doing."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(seconds)
