"""A real Prosody, configured as a Jitsi deployment configures it: anonymous logins, rooms that only the focus makes."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

DOMAIN = "meet.test"
MUC_DOMAIN = f"conference.{DOMAIN}"
FOCUS_DOMAIN = f"focus.{DOMAIN}"
FOCUS_JID = f"focus@{FOCUS_DOMAIN}"
COMPONENT_SECRET = "lab"
START_TIMEOUT_S = 30.0

_CONFIG = """
run_as_root = true
daemonize = false
data_path = "{folder}"
log = {{ info = "{folder}/prosody.log" }}
storage = "memory"
admins = {{ "{focus_jid}" }}
modules_enabled = {{ "saslauth", "disco", "ping", "websocket", "smacks" }}
modules_disabled = {{ "s2s" }}
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {c2s_port} }}
c2s_require_encryption = false
component_ports = {{ {component_port} }}
component_interface = "127.0.0.1"
http_ports = {{ {http_port} }}
http_interfaces = {{ "127.0.0.1" }}
https_ports = {{ }}
http_default_host = "{domain}"
consider_websocket_secure = true

VirtualHost "{domain}"
    authentication = "anonymous"

Component "{muc_domain}" "muc"
    muc_room_default_public_jids = true
    muc_room_locking = false
    restrict_room_creation = true

Component "{focus_domain}"
    component_secret = "{secret}"
"""


def has_prosody() -> bool:
    """Whether this machine has the server."""
    return shutil.which("prosody") is not None


@dataclass(frozen=True, slots=True)
class XmppServer:
    """Where a running server listens, all on 127.0.0.1."""

    c2s_port: int
    component_port: int
    http_port: int

    @property
    def websocket_url(self) -> str:
        """XMPP over WebSocket (RFC 7395)."""
        return f"ws://127.0.0.1:{self.http_port}/xmpp-websocket"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def running_prosody(folder: Path) -> AsyncIterator[XmppServer]:
    """Start a server that keeps its log in an existing, empty folder; end it afterwards."""
    server = XmppServer(_free_port(), _free_port(), _free_port())
    config = folder / "prosody.cfg.lua"
    config.write_text(
        _CONFIG.format(
            folder=folder,
            domain=DOMAIN,
            muc_domain=MUC_DOMAIN,
            focus_domain=FOCUS_DOMAIN,
            focus_jid=FOCUS_JID,
            secret=COMPONENT_SECRET,
            c2s_port=server.c2s_port,
            component_port=server.component_port,
            http_port=server.http_port,
        )
    )
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        "prosody", "--config", str(config), "-F", stdin=quiet, stdout=quiet, stderr=quiet
    )
    try:
        async with asyncio.timeout(START_TIMEOUT_S):
            for port in (server.c2s_port, server.component_port, server.http_port):
                await _listening(process, port, folder / "prosody.log")
        yield server
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _listening(process: asyncio.subprocess.Process, port: int, log: Path) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            if process.returncode is not None:
                raise RuntimeError(f"Prosody ended while starting, see {log}") from None
            await asyncio.sleep(0.05)
        else:
            writer.close()
            await writer.wait_closed()
            return
