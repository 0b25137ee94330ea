"""A real Prosody on loopback, for one test: own folder, own ports, gone afterwards."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

DOMAIN = "meet.test"
MUC = f"conference.{DOMAIN}"
START_TIMEOUT_S = 30.0

_CONFIG = """
run_as_root = true
daemonize = false
data_path = "{folder}/data"
log = {{ {{ levels = {{ min = "debug" }}, to = "file", filename = "{folder}/prosody.log" }} }}
modules_enabled = {{ "saslauth", "disco", "ping", "websocket", "smacks", "external_services" }}
modules_disabled = {{ "s2s" }}
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {c2s_port} }}
c2s_direct_tls_ports = {{ }}
http_ports = {{ {http_port} }}
https_ports = {{ }}
http_interfaces = {{ "127.0.0.1" }}
http_default_host = "{domain}"
consider_websocket_secure = true
c2s_require_encryption = false
external_services = {{
    {{ type = "turn", transport = "tcp", host = "turn.test", port = 443, username = "user", password = "secret" }};
    {{ type = "stun", transport = "udp", host = "turn.test", port = 3478 }};
}}

VirtualHost "{domain}"
    authentication = "anonymous"

VirtualHost "accounts.test"
    authentication = "internal_hashed"

Component "{muc}" "muc"
    muc_room_default_public_jids = true
    muc_room_locking = false
    restrict_room_creation = {restrict}
"""


def installed() -> bool:
    """Whether this machine has Prosody."""
    return shutil.which("prosody") is not None


@dataclass(frozen=True)
class Prosody:
    """A running server."""

    process: asyncio.subprocess.Process
    folder: Path
    http_port: int
    c2s_port: int

    @property
    def websocket_url(self) -> str:
        return f"ws://127.0.0.1:{self.http_port}/xmpp-websocket"

    async def stop(self) -> None:
        """End it as an operator would."""
        if self.process.returncode is None:
            self.process.terminate()
        await self.process.wait()

    async def kill(self) -> None:
        """Pull the plug."""
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()

    def log(self) -> str:
        path = self.folder / "prosody.log"
        return path.read_text(errors="replace") if path.exists() else ""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def running_prosody(folder: Path, *, restrict_room_creation: bool = False) -> AsyncIterator[Prosody]:
    """Start a server in an empty folder and end it."""
    http_port, c2s_port = free_port(), free_port()
    restrict = "true" if restrict_room_creation else "false"
    config = folder / "prosody.cfg.lua"
    (folder / "data").mkdir()
    config.write_text(
        _CONFIG.format(folder=folder, c2s_port=c2s_port, http_port=http_port, domain=DOMAIN, muc=MUC, restrict=restrict)
    )
    process = await asyncio.create_subprocess_exec(
        "prosody",
        "--config",
        str(config),
        "-F",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    server = Prosody(process, folder, http_port, c2s_port)
    try:
        async with asyncio.timeout(START_TIMEOUT_S):
            for port in (http_port, c2s_port):
                await _answering(server, port)
        yield server
    finally:
        await server.kill()


async def _answering(server: Prosody, port: int) -> None:
    while True:
        if server.process.returncode is not None:
            raise RuntimeError(f"Prosody ended while starting:\n{server.log()}")
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            await writer.wait_closed()
            return
