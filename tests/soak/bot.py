"""Eyeline as a program, with a window in its side: `python bot.py SOCKET join URL ..`.

Whoever connects to the socket gets one line of JSON: the names of the event loop's tasks, sorted. By then garbage is
collected, and what the C library kept free for later is given back. Where SOAK_TRACE names a file, it is told what was
allocated after the fourth visit and is still there, and what there is more of.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import gc
import json
import os
import re
import socket
import sys
import threading
import tracemalloc
from collections import Counter
from pathlib import Path

from eyeline.bot.__main__ import main
from eyeline.processing.memory import give_freed_memory_back, keep_freed_memory

ANSWER_S = 5.0
TRACED_FROM = 4  # the first visits see the warm-up
FRAMES = 6


class _Policy(asyncio.DefaultEventLoopPolicy):
    """Remembers the program's event loop."""

    def __init__(self) -> None:
        super().__init__()
        self.loop: asyncio.AbstractEventLoop | None = None

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        """The loop, as ever."""
        self.loop = super().new_event_loop()
        return self.loop


def _answer(policy: _Policy, listener: socket.socket, tracer: _Tracer | None) -> None:
    while True:
        visitor, _ = listener.accept()
        with visitor:
            gc.collect()
            give_freed_memory_back()
            visitor.sendall(json.dumps(_tasks(policy)).encode() + b"\n")
            if tracer is not None:
                tracer.look()


class _Tracer:
    """Tells what was allocated after the warm-up and is still there."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._visits = 0
        self._types: Counter[str] = Counter()

    def look(self) -> None:
        """One more visit."""
        self._visits += 1
        if self._visits < TRACED_FROM:
            return
        gc.collect()
        types = Counter(type(each).__name__ for each in gc.get_objects())
        if self._visits == TRACED_FROM:
            self._types = types
            tracemalloc.start(FRAMES)
            return
        snapshot = tracemalloc.take_snapshot()
        with self._file.open("w") as out:
            print(sum(each.size for each in snapshot.traces) >> 10, "KiB", file=out)
            for name, more in (types - self._types).most_common(25):
                print(f"{more:+} {name}", file=out)
            for each in snapshot.statistics("traceback")[:25]:
                print(f"\n{each.size >> 10} KiB, {each.count} blocks", file=out)
                print("\n".join(each.traceback.format()), file=out)


def _tasks(policy: _Policy) -> list[str]:
    loop = policy.loop
    if loop is None or loop.is_closed():
        return []
    names: concurrent.futures.Future[list[str]] = concurrent.futures.Future()
    loop.call_soon_threadsafe(
        lambda: names.set_result(
            sorted(re.sub(r"Task-\d+", _what(each), each.get_name()) for each in asyncio.all_tasks())
        )
    )
    try:
        return names.result(ANSWER_S)
    except TimeoutError:
        return []


def _what(task: asyncio.Task[object]) -> str:
    return getattr(task.get_coro(), "__qualname__", "?")


if __name__ == "__main__":
    keep_freed_memory()  # as the program does, but before a thread is there
    policy = _Policy()
    asyncio.set_event_loop_policy(policy)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(sys.argv[1])
    listener.listen()
    trace = os.environ.get("SOAK_TRACE")
    tracer = _Tracer(Path(trace)) if trace else None
    threading.Thread(target=_answer, args=(policy, listener, tracer), daemon=True).start()
    sys.argv = ["eyeline", *sys.argv[2:]]
    sys.exit(main())
