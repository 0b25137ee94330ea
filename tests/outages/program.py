"""`eyeline join` on a machine of its own (a network namespace), which its outages happen to."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import psutil
from netns_lab import Machine

FORWARDER = Path(__file__).resolve().parents[1] / "tcp_forwarder.py"
FLAGS = ("--source", "pattern", "--width", "640", "--height", "360", "--background", "none", "--notice", "", "--json")


class Program:
    """Entered and left.

    Args:
        machine: Where it runs.
        url: The room, on loopback: a forwarder leads to the server.
        folder: For its settings and its log.

    Attributes:
        told: Its events with the time at which they were read.
    """

    def __init__(self, machine: Machine, url: str, folder: Path) -> None:
        self._machine = machine
        self._url = url
        self._folder = folder
        self.told: list[tuple[float, dict[str, Any]]] = []

    async def __aenter__(self) -> Self:
        command, pipe = (*self._machine.command, sys.executable), asyncio.subprocess.PIPE
        port = str(urlsplit(self._url).port)
        self._forwarder = await asyncio.create_subprocess_exec(
            *command, str(FORWARDER), port, self._machine.server, stdout=pipe
        )
        assert self._forwarder.stdout is not None
        await self._forwarder.stdout.readline()
        folders = {"XDG_CONFIG_HOME": f"{self._folder}/config", "XDG_DATA_HOME": f"{self._folder}/data"}
        with (self._folder / "words").open("ab") as words:
            self._process = await asyncio.create_subprocess_exec(
                *command, "-m", "eyeline.bot", "join", self._url, *FLAGS,
                cwd=self._folder, env={**os.environ, **folders}, stdout=pipe, stderr=words,
            )  # fmt: skip
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in (self._process, self._forwarder):
            if process.returncode is None:
                process.kill()
                await process.wait()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def leave(self) -> None:
        """Have it go as a person does, telling the others."""
        self._process.send_signal(signal.SIGINT)
        async with asyncio.timeout(30):
            await self._process.wait()

    @property
    def family(self) -> list[psutil.Process]:
        """The process and its children."""
        process = psutil.Process(self._process.pid)
        return [process, *process.children(recursive=True)]

    @property
    def words(self) -> str:
        """Its log."""
        return (self._folder / "words").read_text(errors="replace")

    def when(self, after_s: float, event: str, **fields: str) -> float | None:
        """The first time after another at which it told of something."""
        for at_s, told in self.told:
            if at_s > after_s and told["event"] == event and fields.items() <= told.items():
                return at_s
        return None

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.told.append((time.monotonic(), json.loads(line)))
