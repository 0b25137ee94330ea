"""A real Prosody, set up as Jitsi sets it up: guests who can resume their streams, rooms that only the focus makes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from ports import free_port
from prosody_process import ProsodyProcess, launched

DOMAIN = "meet.test"
MUC_DOMAIN = f"conference.{DOMAIN}"
FOCUS_DOMAIN = f"focus.{DOMAIN}"
FOCUS_JID = f"focus@{FOCUS_DOMAIN}"
COMPONENT_SECRET = "lab"
ACCOUNTS_DOMAIN = f"accounts.{DOMAIN}"
"""Where logging in takes an account; any name and password is one."""

PLUGINS = Path(__file__).resolve().parents[1] / "data" / "prosody"

_CONFIG = """
run_as_root = true
daemonize = false
data_path = "{folder}"
log = {{ info = "{folder}/prosody.log" }}
storage = "memory"
admins = {{ "{focus_jid}" }}
plugin_paths = {{ "{plugins}" }}
modules_enabled = {{ "saslauth", "disco", "ping", "websocket", "smacks", "external_services" }}
external_services = {{ {services} }}
smacks_hibernation_time = 60
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
    authentication = "lab_anonymous"

VirtualHost "{accounts_domain}"
    authentication = "insecure"
    allow_unencrypted_plain_auth = true
    insecure_open_authentication = "Yes please, I know what I'm doing!"

Component "{muc_domain}" "muc"
    muc_room_default_public_jids = true
    muc_room_locking = false
    restrict_room_creation = true

Component "{focus_domain}"
    component_secret = "{secret}"
"""


@dataclass(frozen=True, slots=True)
class XmppServer:
    """Where a running server listens, all on 127.0.0.1, and its process."""

    c2s_port: int
    component_port: int
    http_port: int
    process: ProsodyProcess

    @property
    def websocket_url(self) -> str:
        """XMPP over WebSocket (RFC 7395)."""
        return f"ws://127.0.0.1:{self.http_port}/xmpp-websocket"


@asynccontextmanager
async def running_prosody(folder: Path, *, services: str = "") -> AsyncIterator[XmppServer]:
    """Start a server that keeps its log in an existing, empty folder; end it afterwards.

    Args:
        folder: For its files.
        services: STUN and TURN servers as Prosody's configuration writes them.
    """
    c2s_port, component_port, http_port = ports = free_port(), free_port(), free_port()
    config = _CONFIG.format(
        folder=folder,
        plugins=PLUGINS,
        services=services,
        domain=DOMAIN,
        accounts_domain=ACCOUNTS_DOMAIN,
        muc_domain=MUC_DOMAIN,
        focus_domain=FOCUS_DOMAIN,
        focus_jid=FOCUS_JID,
        secret=COMPONENT_SECRET,
        c2s_port=c2s_port,
        component_port=component_port,
        http_port=http_port,
    )
    async with launched(folder, config, ports) as process:
        yield XmppServer(*ports, process)
