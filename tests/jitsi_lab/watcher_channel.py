"""The watcher's end of the bridge channel."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, WSServerHandshakeError


class WatcherChannel:
    """What the bridge says, and what it is asked for; outlives one connection.

    Args:
        max_height_px: How tall the others' pictures are asked for; 0 for none.

    Attributes:
        messages: All that the bridge said, oldest first.
        heights_px: How tall the bridge wants our sources, by name.
        closed_with: How past connections ended: close code, 1006 when cut, or HTTP status when refused (the
            session had ended meanwhile).
    """

    def __init__(self, max_height_px: int) -> None:
        self.messages: list[dict[str, Any]] = []
        self.heights_px: dict[str, int] = {}
        self.closed_with: list[int | None] = []
        self._max_height_px = max_height_px
        self._socket: ClientWebSocketResponse | None = None

    @property
    def is_open(self) -> bool:
        """Whether the bridge can be asked now."""
        return self._socket is not None

    async def listen(self, url: str) -> None:
        """Connect, say what we want, and read until the bridge closes."""
        try:
            async with ClientSession() as http, http.ws_connect(url) as socket:
                self._socket = socket
                await self._read(socket)
        except WSServerHandshakeError as refusal:
            self.closed_with.append(refusal.status)

    async def _read(self, socket: ClientWebSocketResponse) -> None:
        await self._send_constraints(socket)
        async for frame in socket:
            if frame.type is WSMsgType.TEXT:
                self._on_message(json.loads(frame.data))
        self.closed_with.append(socket.close_code)
        if self._socket is socket:
            self._socket = None

    async def ask_height(self, max_height_px: int) -> None:
        """Ask for the others' pictures at another height; 0 for none."""
        self._max_height_px = max_height_px
        if self._socket is not None:
            await self._send_constraints(self._socket)

    async def send(self, text: str) -> None:
        """Send any text.

        Raises:
            ConnectionError: The channel is not open.
        """
        if self._socket is None:
            raise ConnectionError("the channel is not open")
        await self._socket.send_str(text)

    async def _send_constraints(self, socket: ClientWebSocketResponse) -> None:
        limit = {"maxHeight": self._max_height_px}
        constraints = {"colibriClass": "ReceiverVideoConstraints", "lastN": -1, "defaultConstraints": limit}
        await socket.send_json(constraints)

    def _on_message(self, message: dict[str, Any]) -> None:
        self.messages.append(message)
        if message["colibriClass"] == "SenderSourceConstraints":
            self.heights_px[message["sourceName"]] = message["maxHeight"]
