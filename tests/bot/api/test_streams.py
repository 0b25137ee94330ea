"""Events for many listeners at once."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
from api_lab import MAX_STREAMS, TOKEN, Served, served

from eyeline.bot.api.event_hub import MAX_WAITING, EventHub
from eyeline.bot.events import BackgroundChanged

HEADERS = {"Authorization": f"Bearer {TOKEN}"}


async def next_event(stream: aiohttp.ClientResponse) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while True:
            line = (await stream.content.readline()).decode()
            assert line, "the stream has ended"
            if line.startswith("data: "):
                found: dict[str, Any] = json.loads(line.removeprefix("data: "))
                return found


async def test_commands_are_heard_of(api: Served, http: aiohttp.ClientSession) -> None:
    async with http.get("/api/v1/events") as stream:
        assert (stream.status, stream.content_type) == (200, "text/event-stream")
        assert stream.headers["Cache-Control"] == "no-store"
        await stream.content.readline()
        await (await http.post("/api/v1/commands", json={"kind": "panic"})).read()
        event = await next_event(stream)
        while event["event"] != "command_answered":
            event = await next_event(stream)
        assert (event["origin"], event["command"], event["status"]) == ("rest", "panic", "done")


async def test_a_slow_reader_loses_the_oldest_and_is_told() -> None:
    hub = EventHub()
    with hub.listen() as slow, hub.listen() as quick:
        for number in range(MAX_WAITING + 50):
            hub.publish(BackgroundChanged(f"number {number}"))
            if number == 0:
                taken = await quick.next()
                assert taken is not None
                assert [event.number for event in taken[1]] == [1]
        taken = await slow.next()
        assert taken is not None
        lost, events = taken
        assert (lost, len(events)) == (50, MAX_WAITING)
        assert json.loads(events[-1].text)["background"] == f"number {MAX_WAITING + 49}"
        taken = await quick.next()
        assert taken is not None
        assert taken[0] == 49
    assert hub.listeners == 0


async def test_readers_that_do_not_read_hold_up_nobody(api: Served, http: aiohttp.ClientSession) -> None:
    connector = aiohttp.TCPConnector(limit=0)
    async with (
        aiohttp.ClientSession(api.url, headers=HEADERS, connector=connector, read_bufsize=1024) as many,
        AsyncExitStack() as stack,
    ):
        streams = [await stack.enter_async_context(many.get("/api/v1/events")) for _ in range(MAX_STREAMS)]
        assert all(stream.status == 200 for stream in streams)
        async with http.get("/api/v1/events") as one_more:
            assert (one_more.status, one_more.headers["Retry-After"]) == (503, "10")
        for number in range(3000):
            api.hub.publish(BackgroundChanged(f"number {number} {'x' * 500}"))
            if number % 500 == 0:
                await asyncio.sleep(0.01)
        async with http.get("/api/v1/effects") as told:
            assert told.status == 200
        assert api.hub.kept <= MAX_WAITING, "for all of them together"
        heard = [await next_event(streams[0])]
        while "number 2999 " not in heard[-1].get("background", ""):
            heard.append(await next_event(streams[0]))
        lost = [event["count"] for event in heard if event["event"] == "lost"]
        assert lost
        assert sum(lost) + len(heard) - len(lost) == 3000
    async with asyncio.timeout(60):
        while api.hub.listeners:
            api.hub.publish(BackgroundChanged("who is there?"))
            await asyncio.sleep(0.01)


async def test_streams_end_with_the_server(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        async with served(tmp_path) as api:
            http = await stack.enter_async_context(aiohttp.ClientSession(api.url, headers=HEADERS))
            stream = await stack.enter_async_context(http.get("/api/v1/events"))
            await stream.content.readline()
        async with asyncio.timeout(60):
            assert await stream.content.read() is not None
