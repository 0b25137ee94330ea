"""A real Prosody on loopback, for one test: own folder, own ports, gone afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from ports import free_port
from prosody_process import ProsodyProcess, launched

DOMAIN = "meet.test"
MUC = f"conference.{DOMAIN}"

PLUGINS = Path(__file__).resolve().parents[1] / "data" / "prosody"

_CONFIG = """
run_as_root = true
daemonize = false
data_path = "{folder}/data"
log = {{ {{ levels = {{ min = "debug" }}, to = "file", filename = "{folder}/prosody.log" }} }}
plugin_paths = {{ "{plugins}" }}
modules_enabled = {{ "saslauth", "disco", "ping", "websocket", "bosh", "smacks", "external_services" }}
smacks_hibernation_time = {hibernation_s}
modules_disabled = {{ "s2s" }}
interfaces = {{ "{address}" }}
c2s_ports = {{ {c2s_port} }}
c2s_direct_tls_ports = {{ }}
http_ports = {{ {http_port} }}
https_ports = {{ }}
http_interfaces = {{ "{address}" }}
http_default_host = "{domain}"
consider_websocket_secure = true
c2s_require_encryption = false
external_services = {{
    {{ type = "turn", transport = "tcp", host = "turn.test", port = 443, username = "user", password = "secret" }};
    {{ type = "stun", transport = "udp", host = "turn.test", port = 3478 }};
}}

VirtualHost "{domain}"
    authentication = "{authentication}"

VirtualHost "accounts.test"
    authentication = "internal_hashed"

Component "lobby.{domain}" "muc"
    muc_room_locking = false
    muc_room_default_public_jids = true

Component "{muc}" "muc"
    modules_enabled = {{ "lab_doors" }}
    lab_lobby = "lobby.{domain}"
    lab_max_occupants = {max_occupants}
    muc_room_default_public_jids = true
    muc_room_locking = false
    restrict_room_creation = {restrict}
    muc_occupant_id = {occupant_ids}

Component "conference.acme_corp.{domain}" "muc"
    muc_room_default_public_jids = true
    muc_room_locking = false
"""


@dataclass(frozen=True, slots=True)
class Prosody:
    """A running server and where it listens."""

    server: ProsodyProcess
    folder: Path
    http_port: int
    c2s_port: int
    address: str = "127.0.0.1"

    @property
    def http_origin(self) -> str:
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"http://{host}:{self.http_port}"

    @property
    def websocket_url(self) -> str:
        return f"{self.http_origin.replace('http', 'ws', 1)}/xmpp-websocket"

    @property
    def process(self) -> asyncio.subprocess.Process:
        return self.server.process

    async def stop(self) -> None:
        """End it as an operator would."""
        await self.server.stop()

    async def kill(self) -> None:
        """Pull the plug."""
        await self.server.kill()

    async def add_account(self, username: str, password: str) -> None:
        """An account at `accounts.test`."""
        arguments = ("--config", str(self.folder / "prosody.cfg.lua"), "register", username, "accounts.test", password)
        quiet = asyncio.subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec("prosodyctl", *arguments, stdin=quiet, stdout=quiet)
        assert await process.wait() == 0

    def log(self) -> str:
        return self.server.log()


@asynccontextmanager
async def running_prosody(
    folder: Path,
    *,
    restrict_room_creation: bool = False,
    occupant_ids: bool = True,
    max_occupants: int = 0,
    hibernation_s: int = 60,
    authentication: str = "anonymous",
    ports: tuple[int, int] | None = None,
    address: str = "127.0.0.1",
) -> AsyncIterator[Prosody]:
    """Start a server in a folder and end it.

    Args:
        folder: Empty, or that of a server that has ended.
        restrict_room_creation: Whether only the focus makes rooms.
        occupant_ids: Whether rooms have them (XEP-0421).
        max_occupants: How many a room holds; 0 for any number.
        hibernation_s: How long a lost stream can be resumed (XEP-0198).
        authentication: Of guests; `lab_anonymous` lets them resume as Jitsi's own module does.
        ports: HTTP and XMPP, to come back under.
        address: Where it listens.
    """
    http_port, c2s_port = ports or (free_port(), free_port())
    restrict = "true" if restrict_room_creation else "false"
    (folder / "data").mkdir(exist_ok=True)
    config = _CONFIG.format(
        folder=folder,
        c2s_port=c2s_port,
        http_port=http_port,
        domain=DOMAIN,
        muc=MUC,
        restrict=restrict,
        occupant_ids="true" if occupant_ids else "false",
        max_occupants=max_occupants,
        hibernation_s=hibernation_s,
        authentication=authentication,
        plugins=PLUGINS,
        address=address,
    )
    async with launched(folder, config, (http_port, c2s_port), address) as server:
        yield Prosody(server, folder, http_port, c2s_port, address)
