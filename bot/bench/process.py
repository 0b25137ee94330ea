"""The parent's side of a bench process."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Self

import psutil

from eyeline.bot.bench.cpu import ProcessTree
from eyeline.bot.bench.errors import BenchError

log = logging.getLogger(__name__)

ROLES: Final = "eyeline.bot.bench."
_LINE_BYTES: Final = 1 << 27
_START_S: Final = 120.0
_CALL_S: Final = 90.0
_LEAVE_S: Final = 8.0


class BenchProcess:
    """One role in a process of its own; an async context manager, after which neither it nor its children are left.

    Args:
        role: A class of this package, as `module:Class`; see `child`.
        through: A command that starts others somewhere else, as `ip netns exec NAME` does.
        arguments: For the class; must fit in JSON.
    """

    def __init__(self, role: str, *, through: Sequence[str] = (), **arguments: Any) -> None:
        self._role = f"{ROLES}{role}"
        self._through = through
        self._arguments = arguments
        self._process: asyncio.subprocess.Process | None = None
        self._tree: ProcessTree | None = None
        self._words = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the process)
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> Self:
        """Start it and wait until it is ready.

        Raises:
            BenchError: It does not get ready.
        """
        self._process = await asyncio.create_subprocess_exec(
            *self._through,
            sys.executable,
            "-m",
            "eyeline.bot.bench.child",
            self._role,
            json.dumps(self._arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=self._words,
            limit=_LINE_BYTES,
            start_new_session=True,
        )
        self._tree = ProcessTree(self._process.pid)
        try:
            await self._result("start", _START_S)
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def tree(self) -> ProcessTree:
        """The process with its children."""
        if self._tree is None:
            raise RuntimeError("the process was not started")
        return self._tree

    async def call(self, method: str, *, timeout_s: float = _CALL_S, **arguments: Any) -> Any:
        """Have a method of the role run.

        Raises:
            BenchError: It failed, or the process is gone.
        """
        async with self._turn:
            if self._process is None or self._process.stdin is None:
                raise RuntimeError("the process was not started")
            line = json.dumps({"call": method, "with": arguments}) + "\n"
            with suppress(ConnectionError):  # it is gone, which the answer tells
                self._process.stdin.write(line.encode())
                await self._process.stdin.drain()
            return await self._result(method, timeout_s)

    async def close(self) -> None:
        """Ask it to leave, then make it. Harmless when repeated."""
        process = self._process
        if process is None:
            return
        family = _family(process.pid)
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(_LEAVE_S):
                await process.wait()
        except TimeoutError:
            log.warning("the bench process %s had to be killed", self._role)
        finally:
            self._process = None
            for member in family:
                with suppress(psutil.Error):
                    member.send_signal(signal.SIGKILL)
            await process.wait()
            self._words.close()

    async def _result(self, method: str, timeout_s: float) -> Any:
        if self._process is None or self._process.stdout is None:
            raise RuntimeError("the process was not started")
        try:
            async with asyncio.timeout(timeout_s):
                line = await self._process.stdout.readline()
        except TimeoutError:
            raise BenchError(f"{self._name} did not answer {method} within {timeout_s:.0f} s.") from None
        if not line:
            raise BenchError(f"{self._name} ended by itself: {self._last_words() or 'it said nothing'}.")
        answer = json.loads(line)
        if "error" in answer:
            raise BenchError(f"{self._name}: {answer['error']}", hint=answer["hint"])
        return answer["result"]

    @property
    def _name(self) -> str:
        return f"The measurement's {self._role.rpartition(':')[2]}"

    def _last_words(self) -> str:
        self._words.seek(0)
        lines = self._words.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""


def _family(pid: int) -> list[psutil.Process]:
    """The process and everything that it started; `Process` makes sure that numbers were not given to others since."""
    try:
        parent = psutil.Process(pid)
        return [*parent.children(recursive=True), parent]
    except psutil.Error:
        return []
