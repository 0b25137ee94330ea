"""A real XMPP server for a measurement: Prosody, where it is installed, with rooms that anybody opens."""

from __future__ import annotations

import asyncio
import contextlib
import random
import shutil
import socket
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from eyeline.bot.bench.cpu import ProcessTree
from eyeline.bot.bench.errors import BenchError, BenchUsageError

DOMAIN: Final = "bench.test"
ROOM: Final = f"room@conference.{DOMAIN}"
_START_S: Final = 90.0
_CONFIG: Final = """
run_as_root = true
daemonize = false
data_path = "{folder}"
log = {{ warn = "{folder}/prosody.log" }}
storage = "memory"
modules_enabled = {{ "saslauth", "disco", "websocket" }}
modules_disabled = {{ "s2s" }}
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ }}
http_ports = {{ {port} }}
http_interfaces = {{ "127.0.0.1" }}
https_ports = {{ }}
http_default_host = "{domain}"
consider_websocket_secure = true

VirtualHost "{domain}"
    authentication = "anonymous"

Component "conference.{domain}" "muc"
    muc_room_default_public_jids = true
    muc_room_locking = false
"""


class Prosody:
    """The server as a process; an async context manager."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="eyeline-bench-")
        self._port = _free_port()

    @property
    def websocket_url(self) -> str:
        """XMPP over WebSocket (RFC 7395)."""
        return f"ws://127.0.0.1:{self._port}/xmpp-websocket"

    @property
    def tree(self) -> ProcessTree:
        """Its processes."""
        if self._process is None:
            raise RuntimeError("the server was not started")
        return ProcessTree(self._process.pid)

    async def __aenter__(self) -> Self:
        """Start it, and wait until it answers.

        Raises:
            BenchUsageError: It is not installed.
            BenchError: It does not start.
        """
        program = shutil.which("prosody")
        if program is None:
            raise BenchUsageError(
                "There is no Prosody, whose rooms this is measured in.", hint="On Debian: apt install prosody"
            )
        file = Path(self._folder.name) / "prosody.cfg.lua"
        file.write_text(_CONFIG.format(folder=self._folder.name, port=self._port, domain=DOMAIN))
        quiet = asyncio.subprocess.DEVNULL
        self._process = await asyncio.create_subprocess_exec(
            program, "--config", str(file), "-F", stdin=quiet, stdout=quiet, stderr=quiet
        )
        try:
            await self._answers(self._process)
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End it."""
        process, self._process = self._process, None
        if process is not None:
            if process.returncode is None:
                process.kill()
            await process.wait()
        self._folder.cleanup()

    async def _answers(self, process: asyncio.subprocess.Process) -> None:
        try:
            async with asyncio.timeout(_START_S):
                while process.returncode is None:
                    try:
                        _, writer = await asyncio.open_connection("127.0.0.1", self._port)
                    except OSError:
                        await asyncio.sleep(0.05)
                    else:
                        writer.close()
                        return
        except TimeoutError:
            pass
        raise BenchError("Prosody did not start.")


def _free_port() -> int:
    """Below those that systems give to sockets that ask for any, so that none gets it before the server does."""
    chance = random.SystemRandom()
    while True:
        port = chance.randrange(10_000, 32_768)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
