"""The bot as a process: what it says, and what it holds."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import sys
import time
from collections import Counter, deque
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil

from soak.verdict import Sample

LEAVE_S = 60.0
HEIGHT_PX = 360
_CODE = re.compile(r"To steer by chat, .*!claim ([0-9]+)")


def anonymous_mb(pid: int) -> float:
    """Memory of a process that is backed by no file; what several share counts for each with its share.

    Not what psutil calls USS: pages of libraries are in it for as long as nobody else on the machine has loaded them,
    and a fork's pages from the moment at which the other one ends, so that it tells of others' comings and goings.

    Args:
        pid: Of the process.
    """
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(kib) for kib in re.findall(r"^(?:Pss_Anon|SwapPss): +([0-9]+) kB$", rollup, re.MULTILINE)) / 1024


class Program:
    """`eyeline join`, entered and left.

    Args:
        url: The room.
        folder: For its settings and its socket; short, since sockets have short names.
        environment: Of the process.
        flags: Besides those that make it small.

    Attributes:
        code: The newest code for the owner.
        state: Of its session.
        connections: How often media were connected.
        sending_px: Heights of the pictures that it sends.
        events: How many of each kind it told.
        trouble: Lines of its log that speak of a fault of ours.
        last_words: Its newest lines of log.
    """

    def __init__(self, url: str, folder: Path, environment: dict[str, str], *flags: str) -> None:
        small = ("--source", "pattern", "--width", "640", "--height", str(HEIGHT_PX), "--background", "color:#808080")
        self._command = ("join", url, *small, "--name", "Ada", "--notice", "", "--json", *flags)
        self._folder = folder
        self._environment = environment
        self.code = ""
        self.state = ""
        self.connections = 0
        self.sending_px: tuple[int, ...] = ()
        self.events: Counter[str] = Counter()
        self.trouble: list[str] = []
        self.last_words: deque[str] = deque(maxlen=20)

    async def __aenter__(self) -> Self:
        self._began_s = time.monotonic()
        self._socket = self._folder / "window"
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, str(Path(__file__).with_name("bot.py")), str(self._socket), *self._command,
            cwd=self._folder, env=self._environment, stdout=pipe, stderr=pipe, limit=2**20,
        )  # fmt: skip
        self._readers = [asyncio.create_task(self._read_events()), asyncio.create_task(self._read_log())]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        await asyncio.gather(*self._readers, return_exceptions=True)

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.returncode is None

    @property
    def returncode(self) -> int | None:
        """Of the process; `None` while it runs."""
        return self._process.returncode

    async def leave(self) -> int | None:
        """Ctrl-C; its exit code, or `None` when it does not end."""
        self._process.send_signal(signal.SIGINT)
        try:
            return await asyncio.wait_for(self._process.wait(), LEAVE_S)
        except TimeoutError:
            return None

    async def sample(self) -> Sample:
        """What it holds now."""
        process = psutil.Process(self._process.pid)
        memory_mb, tasks = anonymous_mb(process.pid), await self._tasks()
        return Sample(
            at_s=time.monotonic() - self._began_s,
            memory_mb=memory_mb,
            held_mb=anonymous_mb(process.pid),
            workers_mb={each.pid: anonymous_mb(each.pid) for each in process.children(recursive=True)},
            sockets=len(process.net_connections("all")),
            files=process.num_fds(),
            threads=process.num_threads(),
            tasks=tuple(tasks),
        )

    async def _tasks(self) -> list[str]:
        reader, writer = await asyncio.open_unix_connection(str(self._socket), limit=2**20)
        try:
            return list(json.loads(await asyncio.wait_for(reader.readline(), 10)))
        finally:
            writer.close()

    async def _read_events(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            event: dict[str, Any] = json.loads(line)
            self.events[event["event"]] += 1
            match event:
                case {"event": "state_changed", "state": state}:
                    self.state = state
                case {"event": "video_sending", "heights_px": heights}:
                    self.sending_px = tuple(heights)
            self.connections += event["event"] == "media_connected"

    async def _read_log(self) -> None:
        assert self._process.stderr is not None
        async for raw in self._process.stderr:
            line = raw.decode(errors="replace").rstrip()
            self.last_words.append(line)
            if found := _CODE.search(line):
                self.code = found[1]
            elif "Traceback" in line or "[error" in line.lower():
                self.trouble.append(line[:300])
