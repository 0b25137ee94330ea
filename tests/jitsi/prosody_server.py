"""A real Prosody on loopback, for one test: own folder, own ports, gone afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from prosody_process import ProsodyProcess, free_port, launched

DOMAIN = "meet.test"
MUC = f"conference.{DOMAIN}"

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
    muc_occupant_id = {occupant_ids}
"""


@dataclass(frozen=True, slots=True)
class Prosody:
    """A running server and where it listens."""

    server: ProsodyProcess
    http_port: int
    c2s_port: int

    @property
    def websocket_url(self) -> str:
        return f"ws://127.0.0.1:{self.http_port}/xmpp-websocket"

    @property
    def process(self) -> asyncio.subprocess.Process:
        return self.server.process

    async def stop(self) -> None:
        """End it as an operator would."""
        await self.server.stop()

    async def kill(self) -> None:
        """Pull the plug."""
        await self.server.kill()

    def log(self) -> str:
        return self.server.log()


@asynccontextmanager
async def running_prosody(
    folder: Path, *, restrict_room_creation: bool = False, occupant_ids: bool = True
) -> AsyncIterator[Prosody]:
    """Start a server in an empty folder and end it."""
    http_port, c2s_port = free_port(), free_port()
    restrict = "true" if restrict_room_creation else "false"
    (folder / "data").mkdir()
    config = _CONFIG.format(
        folder=folder,
        c2s_port=c2s_port,
        http_port=http_port,
        domain=DOMAIN,
        muc=MUC,
        restrict=restrict,
        occupant_ids="true" if occupant_ids else "false",
    )
    async with launched(folder, config, (http_port, c2s_port)) as server:
        yield Prosody(server, http_port, c2s_port)
