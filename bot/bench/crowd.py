"""A crowd that talks without end, and a crowd that listens to events."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Final, Self

import aiohttp

from eyeline.bot.bench.talker import Talker

_BEATS_HZ: Final = 20
_LINE: Final = "talk {number}: what people say to each other in a meeting, a line of some length !"


class Flood:
    """The role: lines of chat at a rate, every tenth of them a command of a stranger's.

    Args:
        websocket_url: Of the server.
        rate_hz: Lines a second.
    """

    def __init__(self, websocket_url: str, rate_hz: int) -> None:
        self._url = websocket_url
        self._rate_hz = rate_hz
        self._said = 0
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._talker = Talker(self._url, "Flood")
        await self._talker.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
        await self._talker.__aexit__(kind, error, trace)

    async def start(self) -> None:
        """Begin to talk."""
        self._task = asyncio.create_task(self._talk(), name="flood")

    async def stop(self) -> None:
        """Be quiet."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def counts(self) -> dict[str, Any]:
        """How many lines were said, and came back from the room."""
        return {"said": self._said, "heard": self._talker.heard}

    async def _talk(self) -> None:
        """What the server does not take in time is not made up for."""
        due_s = time.monotonic()
        while True:
            for number in range(self._rate_hz // _BEATS_HZ):
                text = "!bg color #ff00ff" if number % 10 == 0 else _LINE.format(number=self._said)
                await self._talker.say(text)
                self._said += 1
            due_s = max(due_s + 1 / _BEATS_HZ, time.monotonic() - 1.0)
            await asyncio.sleep(max(0.0, due_s - time.monotonic()))


class Listeners:
    """The role: many streams of events, read and counted.

    Args:
        url: Of the REST interface.
        token: To be shown.
        streams: How many.
    """

    def __init__(self, url: str, token: str, streams: int) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}
        self._streams = streams
        self._octets = 0
        self._ended = 0
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            http = await stack.enter_async_context(
                aiohttp.ClientSession(headers=self._headers, connector=aiohttp.TCPConnector(limit=0))
            )
            loop = asyncio.get_running_loop()
            for _ in range(self._streams):
                await self._open(stack, http, loop.create_task)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def counts(self) -> dict[str, Any]:
        """How many streams are open, and what came over all of them."""
        return {"open": self._streams - self._ended, "octets": self._octets}

    async def _open(
        self, stack: AsyncExitStack, http: aiohttp.ClientSession, begin: Callable[..., asyncio.Task[None]]
    ) -> None:
        response = await http.get(f"{self._url}api/v1/events", timeout=aiohttp.ClientTimeout(total=None))
        response.raise_for_status()
        task = begin(self._read(response))
        stack.callback(response.close)
        stack.callback(task.cancel)

    async def _read(self, response: aiohttp.ClientResponse) -> None:
        try:
            async for chunk in response.content.iter_any():
                self._octets += len(chunk)
        finally:
            self._ended += 1
