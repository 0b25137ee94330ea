"""Doing one thing for a frame while another is done, in a second thread, where the machine has a core for it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

_Result = TypeVar("_Result")


def usable_cores() -> int:
    """How many cores this process may run on; a container's share of time does not count."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Beside:
    """A second thread for one stream; it is there from the first use on, and only where it is wanted.

    Args:
        wanted: Whether to use it at all.
    """

    def __init__(self, *, wanted: bool) -> None:
        self._wanted = wanted
        self._thread: ThreadPoolExecutor | None = None

    @contextmanager
    def doing(self, work: Callable[[], _Result], *, long: bool) -> Iterator[Callable[[], _Result]]:
        """Begin the work; the block gets what waits for its result. It is over when the block is, whatever happens.

        Args:
            work: What to do.
            long: Whether it is worth a change of threads; otherwise it waits until its result is asked for.
        """
        if not (self._wanted and long):
            yield work
            return
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "beside")
        begun = self._thread.submit(work)
        try:
            yield begun.result
        finally:
            begun.exception()

    def close(self) -> None:
        """End the thread after what it does. Does not block."""
        if self._thread is not None:
            self._thread.shutdown(wait=False)
