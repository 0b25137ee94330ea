"""Starting a worker's process."""

from __future__ import annotations

import multiprocessing
import sys
import threading
import types
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess

_PRELOAD = "eyeline.processing.worker.preload"

_starting = threading.Lock()


@cache
def worker_context() -> BaseContext:
    """The fork server where there is one, since its forks need no imports; never a fork of this threaded process."""
    if "forkserver" in multiprocessing.get_all_start_methods():
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([_PRELOAD])
        return context
    return multiprocessing.get_context("spawn")


def start(process: BaseProcess) -> None:
    """Start it; the child does not run this program's main module. Blocks until it runs.

    Raises:
        OSError: There are too many processes or open files.
        EOFError: The fork server died meanwhile.
    """
    with _starting, _without_main():
        process.start()


@contextmanager
def _without_main() -> Iterator[None]:
    """`multiprocessing` has a child import the main module, for functions that are defined there. A worker's are not.

    Left as it is, a restart would import the whole command line first; and a script that is not guarded by
    `if __name__ == "__main__"` would run a second time.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
