"""The child's side of a bench process: one role, whose methods are called by lines of JSON.

`python -m eyeline.bot.bench.child MODULE:CLASS JSON` makes the class with these arguments and enters it as an async
context manager. Each line on standard input is a call, each line on standard output an answer. The end of the input
is the end of the process, so that none outlives whoever started it.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import signal
import sys
import threading
from contextlib import suppress
from typing import Any, TextIO

from eyeline.bot.exit_codes import ExitCode
from eyeline.config.errors import EyelineError
from eyeline.config.logs import configure_logging

_READY = "ready"


def main() -> int:
    """Serve until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started this process
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever is printed must not look like an answer
    configure_logging("warning")
    _, role, arguments = sys.argv
    return asyncio.run(_serve(role, json.loads(arguments), answers))


async def _serve(name: str, arguments: dict[str, Any], answers: TextIO) -> int:
    calls = _read_calls(asyncio.get_running_loop())
    module, _, kind = name.partition(":")
    try:
        async with getattr(importlib.import_module(module), kind)(**arguments) as role:
            _write(answers, {"result": _READY})
            while (call := await calls.get()) is not None:
                _write(answers, await _answer(role, call))
    except EyelineError as error:
        _write(answers, {"error": error.message, "hint": error.hint})
        return ExitCode.MEDIA
    return ExitCode.OK


async def _answer(role: Any, call: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"result": await getattr(role, call["call"])(**call["with"])}
    except EyelineError as error:
        return {"error": error.message, "hint": error.hint}
    except Exception as error:  # told to whoever called, who knows what it means
        return {"error": f"{call['call']} failed: {type(error).__name__}: {error}", "hint": ""}


def _read_calls(loop: asyncio.AbstractEventLoop) -> asyncio.Queue[dict[str, Any] | None]:
    calls: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()

    def read() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(calls.put_nowait, json.loads(line))
        with suppress(RuntimeError):  # the loop has ended already
            loop.call_soon_threadsafe(calls.put_nowait, None)

    threading.Thread(target=read, name="calls", daemon=True).start()
    return calls


def _write(answers: TextIO, answer: dict[str, Any]) -> None:
    with suppress(BrokenPipeError):
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    sys.exit(main())
