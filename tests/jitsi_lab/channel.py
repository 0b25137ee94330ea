"""The bridge channel: JSON over a WebSocket or a data channel (`colibriClass` says what each message is)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from aiohttp import WSMsgType, web

VIDEO_TYPES = frozenset({"camera", "desktop", "desktop_high_fps", "none"})
CONSTRAINT_FIELDS = frozenset(
    {
        "colibriClass",
        "lastN",
        "defaultConstraints",
        "constraints",
        "selectedSources",
        "onStageSources",
        "assumedBandwidthBps",
    }
)

Message = Mapping[str, Any]


class MalformedMessageError(Exception):
    """A client sent what the bridge would not understand."""


def parse_message(text: str) -> Message:
    """A message that is known and complete.

    Raises:
        MalformedMessageError: It is not.
    """
    try:
        message = json.loads(text)
    except ValueError as error:
        raise MalformedMessageError(f"not JSON: {text[:200]!r}") from error
    if not isinstance(message, dict) or not isinstance(message.get("colibriClass"), str):
        raise MalformedMessageError(f"no colibriClass: {text[:200]!r}")
    check = _CHECKS.get(message["colibriClass"])
    if check is None:
        raise MalformedMessageError(f"unknown colibriClass: {text[:200]!r}")
    if not check(message):
        raise MalformedMessageError(f"wrong fields: {text[:200]!r}")
    return message


def _is_height(limit: object) -> bool:
    return isinstance(limit, dict) and isinstance(limit.get("maxHeight"), int) and limit["maxHeight"] >= -1


def _are_names(names: object) -> bool:
    return isinstance(names, list) and all(isinstance(name, str) for name in names)


def _check_constraints(message: Message) -> bool:
    per_source = message.get("constraints", {})
    return (
        message.keys() <= CONSTRAINT_FIELDS
        and isinstance(message.get("lastN", -1), int)
        and message.get("lastN", -1) >= -1
        and _is_height(message.get("defaultConstraints", {"maxHeight": 0}))
        and isinstance(per_source, dict)
        and all(_is_height(limit) for limit in per_source.values())
        and _are_names(message.get("selectedSources", []))
        and _are_names(message.get("onStageSources", []))
        and isinstance(message.get("assumedBandwidthBps", -1), int)
    )


def _check_video_type(message: Message) -> bool:
    return isinstance(message.get("sourceName"), str) and message.get("videoType") in VIDEO_TYPES


def _check_endpoint_message(message: Message) -> bool:
    return isinstance(message.get("to"), str) and isinstance(message.get("msgPayload"), dict)


_CHECKS: dict[str, Callable[[Message], bool]] = {
    "ReceiverVideoConstraints": _check_constraints,
    "SourceVideoTypeMessage": _check_video_type,
    "EndpointMessage": _check_endpoint_message,
    "EndpointStats": lambda _: True,
}


class BridgeChannel(Protocol):
    """The bridge's end of one channel."""

    async def read(self) -> str | None:
        """The next text, or `None` when the channel is closed."""
        ...

    async def send(self, colibri_class: str, **fields: Any) -> None:
        """Send one message; lost when the channel is closing."""
        ...

    async def close(self) -> None:
        """Close as the bridge does at the end of a session."""
        ...

    def abort(self) -> None:
        """Cut it without a farewell."""
        ...


class SocketChannel:
    """One by WebSocket."""

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self._socket = web.WebSocketResponse()

    @property
    def response(self) -> web.WebSocketResponse:
        """What the HTTP handler returns."""
        return self._socket

    async def open(self) -> None:
        """Finish the upgrade."""
        await self._socket.prepare(self._request)

    async def read(self) -> str | None:
        """The next frame as text (binary ones as their `repr`), or `None` when the channel is closed."""
        frame = await self._socket.receive()
        if frame.type in (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.CLOSING, WSMsgType.ERROR):
            return None
        return str(frame.data)

    async def send(self, colibri_class: str, **fields: Any) -> None:
        """Send one message; lost when the channel is closing."""
        if not self._socket.closed:
            try:
                await self._socket.send_json({"colibriClass": colibri_class} | fields)
            except ConnectionError:
                return

    async def close(self) -> None:
        """Close as the bridge does at the end of a session."""
        await self._socket.close(code=1001)

    def abort(self) -> None:
        """Cut the connection without a close frame; the client sees 1006."""
        if self._request.transport is not None:
            self._request.transport.abort()
