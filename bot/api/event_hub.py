"""Events for any number of listeners, none of whom can hold up anybody else.

All listeners read one ring of the newest events, each at its own place: an event costs the same whether one listens or
two hundred, and a listener that does not read keeps nothing in memory.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

from eyeline.bot.events import BotEvent, to_json

MAX_WAITING = 512


@dataclass(frozen=True, slots=True)
class Numbered:
    """One event.

    Args:
        number: Grows by one with each event.
        text: One line of JSON.
    """

    number: int
    text: str


class EventHub:
    """Hands every event to every listener, in the event loop."""

    def __init__(self) -> None:
        self._ring: deque[Numbered] = deque(maxlen=MAX_WAITING)
        self._listeners = 0
        self._number = 0
        self._news = asyncio.Event()
        self._closed = False

    @property
    def listeners(self) -> int:
        """How many there are."""
        return self._listeners

    @property
    def kept(self) -> int:
        """How many events are in memory, for all of them together."""
        return len(self._ring)

    def publish(self, event: BotEvent) -> None:
        """Hand out an event; it is written as JSON once, and only where somebody listens."""
        self._number += 1
        if self._listeners:
            self._ring.append(Numbered(self._number, to_json(event)))
            self._wake()

    @contextmanager
    def listen(self) -> Iterator[Listener]:
        """Hear everything from now on."""
        self._listeners += 1
        try:
            yield Listener(self, self._number)
        finally:
            self._listeners -= 1
            if not self._listeners:
                self._ring.clear()

    def close(self) -> None:
        """Tell every listener that it is over."""
        self._closed = True
        self._wake()

    async def after(self, number: int) -> tuple[Numbered, ...] | None:
        """All events that are kept and newer than a number, once there are any; `None` at the end."""
        while self._number <= number and not self._closed:
            await self._news.wait()
        if self._closed:
            return None
        newer = min(self._number - number, len(self._ring))
        return tuple(islice(self._ring, len(self._ring) - newer, None))

    def _wake(self) -> None:
        """Whoever waits goes on, and whoever comes next waits for something newer."""
        self._news.set()
        self._news = asyncio.Event()


class Listener:
    """A place in the ring.

    Args:
        hub: Whose.
        number: Of the newest event that is not to be heard.
    """

    def __init__(self, hub: EventHub, number: int) -> None:
        self._hub = hub
        self._number = number

    async def next(self) -> tuple[int, tuple[Numbered, ...]] | None:
        """How many were lost since the last call, and all that are new; `None` at the end."""
        events = await self._hub.after(self._number)
        if events is None:
            return None
        before, self._number = self._number, events[-1].number
        return self._number - before - len(events), events
