"""A whole deployment: Prosody, focus, bridge and web server, reachable as `http://127.0.0.1:PORT/ROOM`."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Self

from aiohttp import web

from jitsi_lab.bridge import Bridge
from jitsi_lab.focus import Focus
from jitsi_lab.prosody import MUC_DOMAIN, XmppServer, running_prosody
from jitsi_lab.site import Site


class JitsiLab:
    """Starts when entered, ends when left.

    Args:
        folder: Empty, for Prosody.
        media_address: For media, of IPv4 or IPv6; see `local_media_address`.
        idle_timeout_s: As in `Focus`.
        restart_interval_s: As in `Focus`.
        services: As in `running_prosody`.
        websockets: Whether the bridge has a WebSocket for its channel.
        sctp: Whether it has data channels.
        listen: Where the web server is reached besides 127.0.0.1, at the same port.
    """

    server: XmppServer
    focus: Focus
    bridge: Bridge
    site: Site
    base_url: str

    def __init__(
        self,
        folder: Path,
        media_address: str,
        *,
        idle_timeout_s: float = 1.0,
        restart_interval_s: float = 5.0,
        services: str = "",
        websockets: bool = True,
        sctp: bool = True,
        listen: str = "",
    ) -> None:
        self._websockets = websockets
        self._sctp = sctp
        self._listen = listen
        self._services = services
        self._folder = folder
        self._media_address = media_address
        self._idle_timeout_s = idle_timeout_s
        self._restart_interval_s = restart_interval_s
        self._exits = AsyncExitStack()
        self._past_complaints: list[str] = []

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as exits:
            self.server = await exits.enter_async_context(running_prosody(self._folder, services=self._services))
            self.bridge = Bridge(self._media_address)
            exits.push_async_callback(lambda: self.bridge.close())
            self.site = Site(self.server, lambda: self.focus, lambda: self.bridge)
            runner = web.AppRunner(self.site.app(), shutdown_timeout=1.0)
            await runner.setup()
            exits.push_async_callback(runner.cleanup)
            listener = web.TCPSite(runner, "127.0.0.1", 0)
            await listener.start()
            host, port = runner.addresses[0][:2]
            if self._listen:
                await web.TCPSite(runner, self._listen, port).start()
            self.base_url = f"http://{host}:{port}"
            exits.push_async_callback(self._end_focus)
            self.focus = await self._new_focus().__aenter__()
            self._exits = exits.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._exits.aclose()

    def _new_focus(self) -> Focus:
        return Focus(
            self.server,
            self.bridge,
            self.base_url.replace("http", "ws", 1) if self._websockets else "",
            sctp=self._sctp,
            idle_timeout_s=self._idle_timeout_s,
            restart_interval_s=self._restart_interval_s,
        )

    def url(self, room: str) -> str:
        """The URL of a room, as a person would paste it."""
        return f"{self.base_url}/{room}"

    def room_jid(self, room: str) -> str:
        """The room's bare address."""
        return f"{room.lower()}@{MUC_DOMAIN}"

    @property
    def complaints(self) -> list[str]:
        """All that focus and bridges objected to."""
        return self._past_complaints + self.focus.complaints + self.bridge.complaints

    async def _end_focus(self) -> None:
        if hasattr(self, "focus"):
            await self.focus.__aexit__(None, None, None)

    async def restart_server(self) -> None:
        """Restart Prosody, which forgets everybody; focus and bridge come back with it, knowing nobody."""
        self.site.focus_away = True
        await self._end_focus()
        await self.bridge.close()
        self._past_complaints += self.focus.complaints + self.bridge.complaints
        self.bridge = Bridge(self._media_address)
        await self.server.process.restart()
        self.focus = await self._new_focus().__aenter__()
        self.site.focus_away = False

    async def replace_bridge(self) -> None:
        """After `bridge.kill()`: the focus notices, tells everybody `moving`, and a new bridge takes over."""
        dead = self.bridge
        await self.focus.change_bridge(dead)
        self._past_complaints += dead.complaints
        self.bridge = Bridge(self._media_address)
        await self.focus.change_bridge(self.bridge)
