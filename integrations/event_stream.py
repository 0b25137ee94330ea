"""The one stream of events that a meeting hands out."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from eyeline.config.errors import EyelineError
from eyeline.integrations.events import Ended, MeetingEvent

logger = logging.getLogger(__name__)

MAX_EVENTS = 2000


class EventStream:
    """A bounded queue whose last element is `Ended`. `put` and `end` never wait; one reader."""

    def __init__(self, limit: int = MAX_EVENTS) -> None:
        self._events: deque[MeetingEvent] = deque(maxlen=limit)
        self._changed = asyncio.Event()
        self._ended = False

    def put(self, event: MeetingEvent) -> None:
        """Append; a reader who is far behind loses the oldest. Does nothing after the end."""
        if self._ended:
            return
        if len(self._events) == self._events.maxlen:
            logger.warning("nobody reads the meeting's events: dropped %s", type(self._events[0]).__name__)
        self._events.append(event)
        self._changed.set()

    def end(self, error: EyelineError | None) -> None:
        """Append `Ended`; only the first call counts."""
        self.put(Ended(error))
        self._ended = True

    @contextmanager
    def joining(self) -> Iterator[None]:
        """A block that joins: where it fails, that is the end, and the error goes on."""
        try:
            yield
        except EyelineError as error:
            self.end(error)
            raise
        except BaseException:
            self.end(None)
            raise

    async def read(self) -> AsyncIterator[MeetingEvent]:
        """All events up to and including `Ended`."""
        while self._events or not self._ended:
            if not self._events:
                self._changed.clear()
                await self._changed.wait()
                continue
            yield self._events.popleft()
