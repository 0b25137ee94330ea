"""The web server of the deployment: config.js, conference requests, the bridge channel, and the way to Prosody."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from json import JSONDecodeError
from urllib.parse import urlencode

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, web

from jitsi_lab.bridge import Bridge
from jitsi_lab.focus import BadRequestError, Focus
from jitsi_lab.prosody import DOMAIN, FOCUS_DOMAIN, XmppServer

_CONFIG_JS = """\
// Jitsi Meet configuration.
var config = {{}};

config.hosts = {{}};
config.hosts.domain = '{domain}';

var subdir = '';
var subdomain = '';
if (subdomain) {{
    subdomain = subdomain.substring(0, subdomain.length - 1).split('.')
        .join('_')
        .toLowerCase() + '.';
}}
config.hosts.focus = '{focus_domain}';
config.hosts.muc = 'conference.' + subdomain + '{domain}';
config.bosh = 'http://{host}/' + subdir + 'http-bind';
config.websocket = 'ws://{host}/' + subdir + 'xmpp-websocket';
config.bridgeChannel = {{
    preferSctp: false,
}};
config.conferenceRequestUrl = 'http://{host}/' + subdir + 'conference-request/v1';

// Video configuration.
//

config.constraints = {{
    video: {{
        height: {{ ideal: 720, max: 720, min: 180 }},
    }}
}};
config.p2p = {{ enabled: false }};
"""
_FRONT_PAGE = "<!DOCTYPE html><title>Jitsi Meet</title><script src='config.js'></script>"


class Site:
    """The public face of a deployment, on 127.0.0.1.

    Args:
        server: The Prosody behind it.
        focus: Who answers conference requests.
        bridge: The bridge in use now.

    Attributes:
        forgets_sessions: Whether the server is not told which session a stream wants to resume, as by stock Prosody.
        open_streams: Cleared, it holds up whoever opens a stream.
        refuses_streams: Whether nobody is behind the address for streams, as while Prosody is down behind a proxy.
        focus_away: Whether nobody answers conference requests, as while the focus starts.
        loses_channels: Whether the bridge's WebSocket is behind a proxy that does not know it.
    """

    def __init__(self, server: XmppServer, focus: Callable[[], Focus], bridge: Callable[[], Bridge]) -> None:
        self._server = server
        self._focus = focus
        self._bridge = bridge
        self._xmpp_requests: list[tuple[web.Request, web.WebSocketResponse]] = []
        self.forgets_sessions = False
        self.refuses_streams = False
        self.loses_channels = False
        self.focus_away = False
        self.open_streams = asyncio.Event()
        self.open_streams.set()

    def app(self) -> web.Application:
        """The aiohttp application."""
        app = web.Application()
        app.router.add_get("/config.js", self._config_js)
        app.router.add_post("/conference-request/v1", self._conference_request)
        app.router.add_get("/colibri-ws/{bridge}/{conference}/{endpoint}", self._colibri)
        app.router.add_get("/xmpp-websocket", self._xmpp)
        app.router.add_get("/{room:[^/]*}", self._front_page)
        return app

    def cut_xmpp(self) -> None:
        """Cut every XMPP WebSocket without a close frame, as a lost network does."""
        for request, _ in list(self._xmpp_requests):
            if request.transport is not None:
                request.transport.abort()

    async def end_streams(self) -> None:
        """End every XMPP WebSocket on purpose, as a server does that is stopped: nothing is left to resume."""
        for _, downstream in list(self._xmpp_requests):
            await downstream.send_str("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>")

    async def _config_js(self, request: web.Request) -> web.Response:
        text = _CONFIG_JS.format(domain=DOMAIN, focus_domain=FOCUS_DOMAIN, host=request.host)
        return web.Response(text=text, content_type="application/javascript")

    async def _front_page(self, request: web.Request) -> web.Response:
        return web.Response(text=_FRONT_PAGE, content_type="text/html")

    async def _conference_request(self, request: web.Request) -> web.Response:
        if self.focus_away:
            raise web.HTTPBadGateway
        try:
            body = await request.json()
            return web.json_response(await self._focus().on_request(body))
        except (JSONDecodeError, AttributeError, BadRequestError) as error:
            raise web.HTTPBadRequest(text=f"Bad request: {error}") from error

    async def _colibri(self, request: web.Request) -> web.StreamResponse:
        if not self._bridge().alive or self.loses_channels:
            raise web.HTTPBadGateway
        return await self._bridge().serve_channel(request)

    async def _xmpp(self, request: web.Request) -> web.StreamResponse:
        if self.refuses_streams:
            raise web.HTTPBadGateway
        downstream = web.WebSocketResponse(protocols=("xmpp",))
        await downstream.prepare(request)
        self._xmpp_requests.append((request, downstream))
        try:
            await self.open_streams.wait()
            async with ClientSession() as session:
                query = {key: value for key, value in request.query.items() if key != "previd"}
                asked = urlencode(query) if self.forgets_sessions else request.query_string
                url = f"{self._server.websocket_url}?{asked}"
                async with session.ws_connect(url, protocols=("xmpp",)) as upstream:
                    await _pump_both(downstream, upstream)
        finally:
            self._xmpp_requests.remove((request, downstream))
        return downstream


async def _pump_both(downstream: web.WebSocketResponse, upstream: ClientWebSocketResponse) -> None:
    """Pass frames both ways until one side ends; then close the other."""
    pumps = {asyncio.create_task(_pump(downstream, upstream)), asyncio.create_task(_pump(upstream, downstream))}
    try:
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        await downstream.close()


async def _pump(
    source: web.WebSocketResponse | ClientWebSocketResponse, sink: web.WebSocketResponse | ClientWebSocketResponse
) -> None:
    with contextlib.suppress(ConnectionError):
        async for frame in source:
            if frame.type is WSMsgType.TEXT:
                await sink.send_str(frame.data)
