"""`GET /api/v1/events`: what happens, as server-sent events (WHATWG HTML, section 9.2)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from http import HTTPStatus

from aiohttp import web

from eyeline.bot.api.event_hub import EventHub, Numbered
from eyeline.bot.api.operation import ROOT, Answer, Operation
from eyeline.bot.api.problem import refuse
from eyeline.bot.loopback import SECURITY_HEADERS

MAX_STREAMS = 256
HEARTBEAT_S = 15.0
PAUSE_S = 0.1
"""Between two writes to one stream: an event after a quiet time is told at once, those of a flood come together."""

_EVENT_STREAM = "text/event-stream"


class Streams:
    """Open streams.

    Args:
        hub: Where events come from.
        max_streams: How many there may be at once.
    """

    def __init__(self, hub: EventHub, max_streams: int = MAX_STREAMS) -> None:
        self._hub = hub
        self._max_streams = max_streams

    def operations(self) -> list[Operation]:
        """What can be done."""
        what = "Every event as `data` of one line of JSON; `event: lost` tells how many a slow reader has missed."
        return [
            Operation(
                "GET",
                f"{ROOT}/events",
                self._stream,
                "Hear what happens from now on",
                {200: Answer(what, media_type=_EVENT_STREAM)},
                problems=(503,),
            )
        ]

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        if self._hub.listeners >= self._max_streams:
            raise refuse(
                HTTPStatus.SERVICE_UNAVAILABLE,
                f"{self._max_streams} listen already.",
                headers={"Retry-After": "10"},
            )
        response = web.StreamResponse(headers={**SECURITY_HEADERS, "Content-Type": _EVENT_STREAM})
        with self._hub.listen() as listener:
            await response.prepare(request)
            await response.write(b": listening\n\n")
            while True:
                try:
                    taken = await asyncio.wait_for(listener.next(), HEARTBEAT_S)
                except TimeoutError:
                    await response.write(b": still here\n\n")
                    continue
                if taken is None:
                    return response
                await response.write(_written(*taken))
                await asyncio.sleep(PAUSE_S)


def _written(lost: int, events: Sequence[Numbered]) -> bytes:
    """As the stream has it; JSON of one line needs no folding."""
    missed = f'event: lost\ndata: {{"event": "lost", "count": {lost}}}\n\n' if lost else ""
    return (missed + "".join(f"id: {event.number}\ndata: {event.text}\n\n" for event in events)).encode()
