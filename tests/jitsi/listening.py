"""A meeting that is joined, and its events as a test wants to read them."""

from __future__ import annotations

import asyncio
from typing import Any, Self, TypeVar

from eyeline.integrations.events import Ended, MeetingEvent
from eyeline.integrations.jitsi.client import JitsiMeeting
from eyeline.integrations.meeting import Meeting

PATIENCE_S = 60.0
E = TypeVar("E")


class Listener:
    """Reads a meeting's events and waits for the next of a kind."""

    def __init__(self, meeting: Meeting) -> None:
        self._events = meeting.events()

    async def next(self, kind: type[E]) -> E:
        """The next event of a kind; what comes before it is skipped."""
        async with asyncio.timeout(PATIENCE_S):
            async for event in self._events:
                if isinstance(event, kind):
                    return event
                assert not isinstance(event, Ended), event
        raise AssertionError("the events ended")

    async def rest(self) -> list[MeetingEvent]:
        """Everything up to the end."""
        async with asyncio.timeout(PATIENCE_S):
            return [event async for event in self._events]

    async def ended(self) -> Ended:
        """The last event."""
        last = (await self.rest())[-1]
        assert isinstance(last, Ended)
        return last


class Joined:
    """Joins a room when entered."""

    def __init__(self, url: str, name: str = "Eyeline", **options: Any) -> None:
        self.meeting = JitsiMeeting(url, name=name, **options)
        self.events = Listener(self.meeting)

    @property
    def nick(self) -> str:
        """Our endpoint id."""
        return self.meeting._membership().room.nick

    async def __aenter__(self) -> Self:
        await self.meeting.__aenter__()
        return self

    async def __aexit__(self, *reason: object) -> None:
        await self.meeting.__aexit__(*reason)  # type: ignore[arg-type]
