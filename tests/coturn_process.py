"""Debian's coturn as a process of a test: a real TURN server with one login."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from ports import free_port

START_TIMEOUT_S = 90.0


def has_coturn() -> bool:
    """Whether this machine has the server."""
    return shutil.which("turnserver") is not None


@dataclass(frozen=True, slots=True)
class Coturn:
    """A running server, and what Prosody says of it."""

    port: int
    tls_port: int
    folder: Path
    host: str = "127.0.0.1"

    def service(self, kind: str, transport: str, *, password: str = "secret") -> str:
        """One line for Prosody's `external_services`."""
        port = self.tls_port if kind == "turns" else self.port
        place = f'type = "{kind}", transport = "{transport}", host = "{self.host}", port = {port}'
        return f'{{ {place}, username = "eyeline", password = "{password}" }};'

    def log(self) -> str:
        """What it logged."""
        return "\n".join(path.read_text(errors="replace") for path in self.folder.glob("turn*.log"))


@asynccontextmanager
async def running_coturn(
    folder: Path,
    relay_address: str,
    *,
    udp: bool = True,
    certificate: tuple[Path, Path] | None = None,
    listen: str = "127.0.0.1",
    name: str = "",
) -> AsyncIterator[Coturn]:
    """Start a server and end it.

    Args:
        folder: For its files.
        relay_address: Where relayed media come from; ICE takes no loopback addresses.
        udp: Whether clients may come by UDP.
        certificate: For TLS: certificate and key.
        listen: Where clients come.
        name: What the server is called; its address where none is given.
    """
    server = Coturn(free_port(), free_port(), folder, name or listen)
    options = [
        "-n", "--no-cli", f"--listening-ip={listen}", f"--relay-ip={relay_address}", "--realm=eyeline.test",
        f"--listening-port={server.port}", f"--tls-listening-port={server.tls_port}", "--user=eyeline:secret",
        "--lt-cred-mech", "--fingerprint", "--verbose", f"--log-file={folder}/turn.log", "--simple-log",
        f"--pidfile={folder}/turn.pid", f"--userdb={folder}/turn.db", "--no-dtls",
    ]  # fmt: skip
    options += [] if udp else ["--no-udp"]
    options += [f"--cert={certificate[0]}", f"--pkey={certificate[1]}"] if certificate else ["--no-tls"]
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec("turnserver", *options, stdin=quiet, stdout=quiet, stderr=quiet)
    try:
        async with asyncio.timeout(START_TIMEOUT_S):
            while not await _listens(listen, server.port):
                assert process.returncode is None, server.log()
                await asyncio.sleep(0.05)
        yield server
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _listens(host: str, port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True
