"""The web side of a deployment on loopback: `config.js` and conference requests by HTTP, in front of a real Prosody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from jitsi.prosody_server import DOMAIN, MUC, Prosody
from jitsi.scripted_server import serving

_CONFIG = """
var config = {{
    hosts: {{ domain: '{domain}', muc: '{muc}' }},
    websocket: '{websocket}',
    conferenceRequestUrl: '/conference-request/v1',
}};
"""


@dataclass
class Meet:
    """Where rooms are, and what was asked of the focus."""

    prosody: Prosody
    origin: str = ""
    requests: list[dict[str, object]] = field(default_factory=list)

    def room_url(self, room: str = "Daily") -> str:
        return f"{self.origin}/{room}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if request.path == "/config.js":
            websocket = self.prosody.websocket_url
            return web.Response(text=_CONFIG.format(domain=DOMAIN, muc=MUC, websocket=websocket))
        if request.path == "/conference-request/v1":
            body = await request.json()
            self.requests.append(body)
            return web.json_response({"room": body["room"], "ready": True, "focusJid": f"focus@auth.{DOMAIN}"})
        raise web.HTTPNotFound


@asynccontextmanager
async def deployed(prosody: Prosody) -> AsyncIterator[Meet]:
    """Serve the web side for as long as the block lasts."""
    meet = Meet(prosody)
    async with serving(meet.handle) as meet.origin:
        yield meet
