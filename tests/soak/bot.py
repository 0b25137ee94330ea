"""Eyeline as a program, with a window in its side: `python bot.py SOCKET join URL ..`.

Whoever connects to the socket gets one line of JSON: the names of the event loop's tasks, sorted.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import json
import re
import socket
import sys
import threading

from eyeline.bot.__main__ import main

ANSWER_S = 5.0


class _Policy(asyncio.DefaultEventLoopPolicy):
    """Remembers the program's event loop."""

    def __init__(self) -> None:
        super().__init__()
        self.loop: asyncio.AbstractEventLoop | None = None

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        """The loop, as ever."""
        self.loop = super().new_event_loop()
        return self.loop


def _answer(policy: _Policy, listener: socket.socket) -> None:
    while True:
        visitor, _ = listener.accept()
        with visitor:
            visitor.sendall(json.dumps(_tasks(policy)).encode() + b"\n")


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
    policy = _Policy()
    asyncio.set_event_loop_policy(policy)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(sys.argv[1])
    listener.listen()
    threading.Thread(target=_answer, args=(policy, listener), daemon=True).start()
    sys.argv = ["eyeline", *sys.argv[2:]]
    sys.exit(main())
