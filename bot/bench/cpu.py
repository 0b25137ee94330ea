"""CPU time of processes, with all their threads and children."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from typing import Final

import psutil

_HAS_CLOCKS: Final[bool] = sys.platform.startswith("linux")
_SCHEDULED: Final = 2  # CPUCLOCK_SCHED: the nanoseconds of a whole process, see clock_getcpuclockid(3)


def process_cpu_s(pid: int) -> float | None:
    """CPU time of a process, all threads, user and system; `None` once it is gone."""
    with suppress(OSError, psutil.NoSuchProcess):
        if _HAS_CLOCKS:
            return time.clock_gettime(~pid << 3 | _SCHEDULED)
        times = psutil.Process(pid).cpu_times()
        return float(times.user + times.system)
    return None


class ProcessTree:
    """One process with all that it started.

    Args:
        pid: Of the process.
    """

    def __init__(self, pid: int) -> None:
        self._root = psutil.Process(pid)
        self._cpu_s: dict[int, float] = {}

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._root.pid

    def cpu_s(self) -> float:
        """CPU time of all so far; what has ended counts with its last known value."""
        for process in self._all():
            used_s = process_cpu_s(process.pid)
            if used_s is not None:
                self._cpu_s[process.pid] = used_s
        return sum(self._cpu_s.values())

    def rss_mb(self) -> float:
        """Resident memory of all that run, in megabytes; shared memory counts wherever it is mapped."""
        total = 0
        for process in self._all():
            with suppress(psutil.Error):
                total += process.memory_info().rss
        return total / 1e6

    def _all(self) -> list[psutil.Process]:
        with suppress(psutil.Error):
            return [self._root, *self._root.children(recursive=True)]
        return []
