from __future__ import annotations

import asyncio

from eyeline.integrations.errors import RemovedError
from eyeline.integrations.event_stream import EventStream
from eyeline.integrations.events import Ended, MeetingEvent, Waiting


async def test_ends_after_ended() -> None:
    stream = EventStream()
    error = RemovedError("gone")
    stream.put(Waiting("a"))
    stream.end(error)
    stream.end(None)
    stream.put(Waiting("too late"))
    assert [event async for event in stream.read()] == [Waiting("a"), Ended(error)]
    assert [event async for event in stream.read()] == []


async def test_wakes_a_waiting_reader() -> None:
    stream = EventStream()

    async def read() -> list[MeetingEvent]:
        return [event async for event in stream.read()]

    async with asyncio.TaskGroup() as tasks:
        reader = tasks.create_task(read())
        for step in range(3):
            await asyncio.sleep(0)
            stream.put(Waiting(str(step)))
        stream.end(None)
    assert [type(event) for event in reader.result()] == [Waiting, Waiting, Waiting, Ended]


async def test_a_reader_who_sleeps_loses_the_oldest_but_never_the_end() -> None:
    stream = EventStream(limit=3)
    for step in range(10):
        stream.put(Waiting(str(step)))
    stream.end(None)
    assert [event async for event in stream.read()] == [Waiting("8"), Waiting("9"), Ended(None)]
