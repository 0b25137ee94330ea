"""What the network itself needs: a member that shares no code with Eyeline comes into the room and is seen."""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise
from statistics import median

from aiohttp import ClientSession
from jitsi_lab.tracks import PlainPicture
from jitsi_lab.watcher import Watcher

from outages.stage import ROOM, Stage

_PATIENCE_S = 20.0
_SETTLE_S = 3.0


async def network_ms(stage: Stage, rounds: int) -> dict[str, float]:
    """Medians, by what a client has to do: nothing, a `connection`, a media `session`, a whole `join`."""
    joins, sessions, connections = [], [], []
    for _ in range(rounds):
        connections.append(await _connection_ms(stage))
        begun_s = time.monotonic()
        async with Watcher(stage.lab, ROOM, video=PlainPicture((40, 200, 60), 640, 360), max_height_px=0) as plain:
            joins.append((await _seen_s(stage, plain.id, begun_s) - begun_s) * 1000)
            await asyncio.sleep(5.2)  # the focus refuses restarts that follow each other sooner
            begun_s = time.monotonic()
            await plain.restart()
            sessions.append((await _seen_s(stage, plain.id, begun_s) - begun_s) * 1000)
        await asyncio.sleep(0.5)
    return {"nothing": 0.0, "connection": median(connections), "session": median(sessions), "join": median(joins)}


async def _connection_ms(stage: Stage) -> float:
    """TCP and WebSocket to the server."""
    begun_s = time.monotonic()
    async with ClientSession() as http, http.ws_connect(f"{stage.lab.base_url}/xmpp-websocket", protocols=("xmpp",)):
        return (time.monotonic() - begun_s) * 1000


async def _seen_s(stage: Stage, who: str, begun_s: float) -> float:
    """When the watcher decoded the first picture of somebody who was not seen before, or not without a pause."""
    assert stage.watcher is not None
    decoded = stage.watcher.screen.decoded
    before = [at_s for at_s, each in decoded if each == who]
    async with asyncio.timeout(_PATIENCE_S):
        while not (times := [at_s for at_s, each in decoded if each == who and at_s > begun_s]):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    if not before:
        return times[0]
    await asyncio.sleep(_SETTLE_S)
    times = [begun_s, *(at_s for at_s, each in decoded if each == who and at_s > begun_s)]
    return max(pairwise(times), key=lambda pause: pause[1] - pause[0])[1]
