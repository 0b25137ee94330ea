"""Debian's Prosody as a process of a test: started in a folder of its own, killed afterwards."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

START_TIMEOUT_S = 90.0
LOG_NAME = "prosody.log"
CONFIG_NAME = "prosody.cfg.lua"


def has_prosody() -> bool:
    """Whether this machine has the server."""
    return shutil.which("prosody") is not None


@dataclass(slots=True)
class ProsodyProcess:
    """A server: running, or between two runs."""

    process: asyncio.subprocess.Process
    folder: Path
    ports: Sequence[int] = ()
    address: str = "127.0.0.1"

    async def stop(self) -> None:
        """End it as an operator would."""
        if self.process.returncode is None:
            self.process.terminate()
        await self.process.wait()

    async def restart(self) -> None:
        """End it as an operator would, and start it again."""
        await self.stop()
        self.process = await _start(self.folder)
        await self.wait_ready()

    async def wait_ready(self) -> None:
        """Wait until it answers on all ports."""
        async with asyncio.timeout(START_TIMEOUT_S):
            for port in self.ports:
                await _answering(self, port)

    async def kill(self) -> None:
        """Pull the plug."""
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()

    def log(self) -> str:
        """What it logged, where its configuration says `LOG_NAME` in the folder."""
        path = self.folder / LOG_NAME
        return path.read_text(errors="replace") if path.exists() else ""


@asynccontextmanager
async def launched(
    folder: Path, config: str, ports: Sequence[int], address: str = "127.0.0.1"
) -> AsyncIterator[ProsodyProcess]:
    """Start a server in an empty folder, wait until it answers on all ports, and end it after the block."""
    (folder / CONFIG_NAME).write_text(config)
    server = ProsodyProcess(await _start(folder), folder, ports, address)
    try:
        await server.wait_ready()
        yield server
    finally:
        await server.kill()


async def _start(folder: Path) -> asyncio.subprocess.Process:
    quiet = asyncio.subprocess.DEVNULL
    config = str(folder / CONFIG_NAME)
    return await asyncio.create_subprocess_exec(
        "prosody", "--config", config, "-F", stdin=quiet, stdout=quiet, stderr=quiet
    )


async def _answering(server: ProsodyProcess, port: int) -> None:
    while True:
        if server.process.returncode is not None:
            raise RuntimeError(f"Prosody ended while starting:\n{server.log()}")
        try:
            _, writer = await asyncio.open_connection(server.address, port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            await writer.wait_closed()
            return
