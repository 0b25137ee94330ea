from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from eyeline.integrations.jitsi.network_watch import NetworkWatch


class Machine:
    """What the watch sees, and what it said."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.peer = "203.0.113.5"
        self.source = "192.0.2.1"
        self.said: asyncio.Queue[str] = asyncio.Queue()

    async def wake(self, slept_s: float) -> None:
        self.said.put_nowait(f"woke after {slept_s:.0f} s")

    async def move(self, address: str, before: str) -> None:
        self.said.put_nowait(f"{address} after {before}")

    async def come_back(self) -> None:
        self.said.put_nowait("the same network again")

    async def hears(self) -> str:
        async with asyncio.timeout(60):
            return await self.said.get()

    async def settle(self) -> None:
        await asyncio.sleep(0.2)


@asynccontextmanager
async def watched() -> AsyncIterator[Machine]:
    machine = Machine()
    watch = NetworkWatch(
        lambda: machine.peer,
        on_wake=machine.wake,
        on_move=machine.move,
        on_return=machine.come_back,
        look_s=0.02,
        clock_s=lambda: machine.now_s,
        source=lambda _: machine.source,
    )
    task = asyncio.create_task(watch.run())
    try:
        yield machine
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_notices_that_the_machine_slept() -> None:
    async with watched() as machine:
        await machine.settle()
        assert machine.said.empty()
        machine.now_s += 60
        assert await machine.hears() == "woke after 60 s"


async def test_notices_another_way_into_the_network() -> None:
    async with watched() as machine:
        await machine.settle()
        machine.source = ""
        await machine.settle()
        assert machine.said.empty()
        machine.source = "192.0.2.1"  # ICE goes on by itself, and the stream has to be looked at
        assert await machine.hears() == "the same network again"
        machine.source = "198.51.100.9"
        assert await machine.hears() == "198.51.100.9 after 192.0.2.1"


async def test_another_bridge_is_no_move() -> None:
    async with watched() as machine:
        await machine.settle()
        machine.peer, machine.source = "203.0.113.6", "198.51.100.9"
        await machine.settle()
        machine.peer = ""
        await machine.settle()
        assert machine.said.empty()
