"""Events for any number of listeners, none of whom can hold up anybody else."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from eyeline.bot.events import BotEvent, to_json

MAX_WAITING = 256


@dataclass(frozen=True, slots=True)
class Numbered:
    """One event.

    Args:
        number: Grows by one with each event.
        text: One line of JSON.
    """

    number: int
    text: str


class Listener:
    """What waits for one listener: bounded, the oldest is lost first."""

    def __init__(self) -> None:
        self._waiting: deque[Numbered] = deque(maxlen=MAX_WAITING)
        self._news = asyncio.Event()
        self._lost = 0
        self._closed = False

    def put(self, event: Numbered) -> None:
        """Let it wait; never blocks."""
        self._lost += len(self._waiting) == MAX_WAITING
        self._waiting.append(event)
        self._news.set()

    def close(self) -> None:
        """Nothing comes any more."""
        self._closed = True
        self._news.set()

    async def next(self) -> tuple[int, tuple[Numbered, ...]] | None:
        """How many were lost since the last call, and all that wait; `None` at the end."""
        await self._news.wait()
        if self._closed:
            return None
        taken = self._lost, tuple(self._waiting)
        self._lost = 0
        self._waiting.clear()
        self._news.clear()
        return taken


class EventHub:
    """Hands every event to every listener, in the event loop."""

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()
        self._number = 0

    @property
    def listeners(self) -> int:
        """How many there are."""
        return len(self._listeners)

    def publish(self, event: BotEvent) -> None:
        """Hand out an event; it is written as JSON once, and only where somebody listens."""
        self._number += 1
        if self._listeners:
            numbered = Numbered(self._number, to_json(event))
            for listener in self._listeners:
                listener.put(numbered)

    @contextmanager
    def listen(self) -> Iterator[Listener]:
        """Hear everything from now on."""
        listener = Listener()
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    def close(self) -> None:
        """Tell every listener that it is over."""
        for listener in self._listeners:
            listener.close()
