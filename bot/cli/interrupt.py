"""Ctrl-C: the first one leaves properly, the second one leaves at once."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from eyeline.bot.exit_codes import ExitCode

log = logging.getLogger(__name__)


def run_until_interrupted(main: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end; SIGINT or SIGTERM cancels it, a second one ends the process on the spot."""
    with suppress(asyncio.CancelledError):
        asyncio.run(_guarded(main))


async def _guarded(main: Coroutine[Any, Any, None]) -> None:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_note)
    task = loop.create_task(main)
    for number in (signal.SIGINT, signal.SIGTERM):
        _handle(loop, number, task)
    await task


def _note(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What a library left behind is no news for a person: who waits for a result is told by the result."""
    log.debug("left behind: %s", context["message"], exc_info=context.get("exception"))


def _handle(loop: asyncio.AbstractEventLoop, number: signal.Signals, task: asyncio.Task[None]) -> None:
    def interrupted() -> None:
        if task.cancelling():
            os._exit(ExitCode.INTERRUPTED)
        log.info("leaving; once more to leave without a good-bye")
        task.cancel()

    try:
        loop.add_signal_handler(number, interrupted)
    except NotImplementedError:  # Windows
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(interrupted))
