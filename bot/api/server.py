"""The REST interface as a server of this machine."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from aiohttp import web

from eyeline.bot.api.backgrounds import Backgrounds
from eyeline.bot.api.effects import Effects
from eyeline.bot.api.event_hub import EventHub
from eyeline.bot.api.guard import Guard, explain
from eyeline.bot.api.health import HealthChecks
from eyeline.bot.api.meetings import Meetings
from eyeline.bot.api.metrics import Metrics
from eyeline.bot.api.openapi import Document
from eyeline.bot.api.operation import MAX_BODY_BYTES, ROOT, Answer, Operation
from eyeline.bot.api.streams import MAX_STREAMS, Streams
from eyeline.bot.api.uploads import UploadLimits
from eyeline.bot.host import Host
from eyeline.bot.listening import ListeningApp

_SHUTDOWN_S = 2.0


class Api:
    """Serves a host; an async context manager.

    Args:
        host: Open.
        hub: Every event is published there.
        token: What callers have to show.
        address: A loopback address.
        port: 0 for any free one.
        limits: Of uploads.
        max_streams: How many may listen to events at once.
    """

    def __init__(
        self,
        host: Host,
        hub: EventHub,
        *,
        token: str,
        address: str,
        port: int,
        limits: UploadLimits | None = None,
        max_streams: int = MAX_STREAMS,
    ) -> None:
        self._hub = hub
        operations = [
            *Meetings(host).operations(),
            *Effects(host.control).operations(),
            *Backgrounds(host.stage, limits or UploadLimits()).operations(),
            *Streams(hub, max_streams).operations(),
            *HealthChecks(host).operations(),
            *Metrics(host, hub).operations(),
        ]
        described = Answer("This", media_type="application/json")
        operations.append(Operation("GET", f"{ROOT}/openapi.json", self._describe, "The interface", {200: described}))
        self._document = Document().of(operations)
        guard = Guard(token, [operation.path for operation in operations if operation.public])
        application = web.Application(middlewares=[explain, guard.check], client_max_size=MAX_BODY_BYTES)
        application.router.add_routes([web.route(each.method, each.path, each.handler) for each in operations])
        self._server = ListeningApp(
            "The REST interface", application, host=address, port=port, shutdown_timeout_s=_SHUTDOWN_S
        )

    @property
    def url(self) -> str:
        """Where it is, with a slash at the end."""
        return self._server.url

    async def __aenter__(self) -> Self:
        """Listen.

        Raises:
            PagePortError: The address is taken or cannot be used.
        """
        await self._server.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hub.close()
        await self._server.__aexit__(kind, error, trace)

    async def _describe(self, _: web.Request) -> web.Response:
        return web.json_response(self._document)
