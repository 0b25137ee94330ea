"""Memberships in meetings that a puppet plays."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from jitsi_lab.waiting import eventually
from zoom_puppet import Notes, Step, puppet

from eyeline.integrations.events import Ended, MeetingEvent
from eyeline.integrations.zoom.join_tokens import JoinTokens
from eyeline.integrations.zoom.meeting import ZoomMeeting
from eyeline.integrations.zoom.patience import Patience
from eyeline.integrations.zoom.token import SdkToken
from eyeline.integrations.zoom.url import ZoomLink

T = TypeVar("T")

LINK = ZoomLink(81234567890, passcode="abc123")
QUICK = Patience(soon_pauses_s=(0.01, 0.02), first_pause_s=0.01, longest_pause_s=0.04)


async def no_user(now_s: float) -> JoinTokens:
    """What opens meetings of the app's own account."""
    return JoinTokens(SdkToken.made("the-app", "s" * 32, now_s))


async def beside_user(now_s: float) -> JoinTokens:
    return JoinTokens(SdkToken.made("the-app", "s" * 32, now_s), on_behalf="the-obf")


class Following:
    """A meeting, and what it told."""

    def __init__(self, meeting: ZoomMeeting) -> None:
        self.meeting = meeting
        self.events: list[MeetingEvent] = []

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """Take every event; they have to end with the meeting."""
        follower = asyncio.create_task(self._follow())
        try:
            yield
        finally:
            await asyncio.wait_for(follower, 10)

    def of(self, kind: type[T]) -> list[T]:
        return [event for event in self.events if isinstance(event, kind)]

    async def told(self, kind: type[T], such: Callable[[T], bool] = lambda _: True) -> T:
        """Wait for an event."""

        def found() -> list[T]:
            return [event for event in self.of(kind) if such(event)]

        return (await eventually(found, what=f"{kind.__name__} among {self.events}"))[-1]

    @property
    def ended(self) -> Ended:
        [ended] = self.of(Ended)
        assert self.events[-1] is ended
        return ended

    async def _follow(self) -> None:
        async for event in self.meeting.events():
            self.events.append(event)


class Staged(Following):
    """A meeting whose bridges are puppets, and what they saw."""

    def __init__(self, folder: Path, tries: Sequence[Sequence[Step]], **arguments: Any) -> None:
        given = {"name": "Ada", "tokens": no_user, "patience": QUICK, **arguments}
        super().__init__(ZoomMeeting(given.pop("link", LINK), bridge_command=puppet(folder, *tries), **given))
        self.notes = Notes(folder)


@asynccontextmanager
async def staged(folder: Path, *tries: Sequence[Step], **arguments: Any) -> AsyncIterator[Staged]:
    """A meeting that is joined in the block."""
    stage = Staged(folder / "puppet", tries, **arguments)
    async with stage.following(), asyncio.timeout(60), stage.meeting:
        yield stage


async def refused(folder: Path, *tries: Sequence[Step], **arguments: Any) -> tuple[Exception, Staged]:
    """Why a meeting cannot be joined."""
    stage = Staged(folder / "puppet", tries, **arguments)
    with pytest.raises(Exception) as raised:
        async with stage.following(), asyncio.timeout(60), stage.meeting:
            pass
    assert stage.ended.error is raised.value
    return raised.value, stage
