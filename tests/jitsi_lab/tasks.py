"""Background tasks with an owner."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

_CANCEL_AGAIN_S = 0.5


class Tasks:
    """Runs coroutines beside their owner; whatever they raise becomes a complaint, never silence.

    Args:
        complain: Takes one line for each task that failed.
    """

    def __init__(self, complain: Callable[[str], None]) -> None:
        self._complain = complain
        self._running: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start `work`; `close` ends it if it has not ended by then."""
        task = asyncio.create_task(work, name=getattr(work, "__qualname__", "task"))
        self._running.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._complain(f"{task.get_name()} failed: {error!r}")

    async def close(self) -> None:
        """Cancel what runs and wait until it has ended.

        More than once where needed: a cancellation that meets the end of what a task waits for, in the libraries below,
        is lost, and the task goes on.
        """
        running = set(self._running)
        while running:
            for task in running:
                task.cancel()
            _, running = await asyncio.wait(running, timeout=_CANCEL_AGAIN_S)
