"""The web server before a real Prosody, as large and as small deployments have it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from aiohttp import ClientSession, WSMsgType, web
from jitsi.prosody_server import DOMAIN, Prosody


@dataclass
class Front:
    """Passes everything on but `config.js` and conference requests, which it answers itself.

    Args:
        prosody: Behind it.
        config: The text of `config.js`; `{origin}` stands for where that was asked for.
        folder: Path before everything, such as that of a tenant; without slashes.
        shard: Name of the shard that has the room. Whoever asks for anything else without its cookie, or for the room
            by a request that does not name it, comes to another shard, where nothing is known.
        has_websocket: Whether it passes WebSockets on.

    Attributes:
        asked: Path and query of each request, in order.
        requests: The bodies of conference requests.
        streams: Open WebSockets.
    """

    prosody: Prosody
    config: str
    folder: str = ""
    shard: str = ""
    has_websocket: bool = True
    asked: list[str] = field(default_factory=list)
    requests: list[dict[str, object]] = field(default_factory=list)
    streams: list[web.Request] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        self.asked.append(request.path_qs)
        folder = f"/{self.folder}/" if self.folder else "/"
        if not request.path.startswith(folder):
            raise web.HTTPNotFound
        name = request.path.removeprefix(folder)
        if name == "config.js":
            return self._config(request)
        if self.shard and (request.cookies.get("shard") != self.shard or not self._names_room(name, request)):
            raise web.HTTPNotFound(text="another shard")
        if name == "conference-request/v1":
            return await self._conference_request(request)
        if name == "xmpp-websocket" and self.has_websocket:
            return await self._websocket(request)
        if name == "http-bind":
            return await self._bosh(request)
        raise web.HTTPNotFound

    def cut(self) -> None:
        """Lose the network of everybody for a moment."""
        for request in self.streams:
            if request.transport is not None:
                request.transport.abort()

    @staticmethod
    def _names_room(name: str, request: web.Request) -> bool:
        return name == "http-bind" or bool(request.query.get("room"))

    def _config(self, request: web.Request) -> web.Response:
        text = self.config.replace("{origin}", f"{request.scheme}://{request.host}")
        response = web.Response(text=text, content_type="application/javascript")
        if self.shard:
            response.headers["x-jitsi-shard"] = self.shard
            response.set_cookie("shard", self.shard, httponly=True, samesite="Lax")
        return response

    async def _conference_request(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.requests.append(body)
        return web.json_response({"room": body["room"], "ready": True, "focusJid": f"focus@auth.{DOMAIN}"})

    async def _bosh(self, request: web.Request) -> web.Response:
        url = f"{self.prosody.http_origin}/http-bind"
        async with ClientSession() as http, http.post(url, data=await request.read()) as answer:
            return web.Response(body=await answer.read(), status=answer.status, content_type="text/xml")

    async def _websocket(self, request: web.Request) -> web.StreamResponse:
        near = web.WebSocketResponse(protocols=("xmpp",))
        await near.prepare(request)
        self.streams.append(request)
        url = f"{self.prosody.websocket_url}?{request.query_string}"
        async with ClientSession() as http, http.ws_connect(url, protocols=("xmpp",)) as far:

            async def pump(source: object, sink: object) -> None:
                async for frame in source:  # type: ignore[attr-defined]
                    if frame.type is WSMsgType.TEXT:
                        await sink.send_str(frame.data)  # type: ignore[attr-defined]

            ways = {asyncio.create_task(pump(near, far)), asyncio.create_task(pump(far, near))}
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
        await near.close()
        return near
