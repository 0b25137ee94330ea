"""A person's camera in a room of the lab that is steered by chat, and its codes as the terminal shows them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from jitsi_lab.deployment import JitsiLab
from jitsi_lab.waiting import eventually
from jitsi_lab.watcher import Watcher
from jitsi_lab.watcher_room import ChatLine
from numpy.typing import NDArray

from eyeline.bot.events import BotEvent
from eyeline.bot.meetings import meeting_opener, meeting_server
from eyeline.bot.session import Session
from eyeline.bot.state import SessionState
from eyeline.bot.steering import Steering, steering
from eyeline.bot.studio import Studio, StudioPlan
from eyeline.config.schema import Settings
from eyeline.config.settings import load_settings

Bgr = NDArray[np.uint8]


@dataclass
class SteeredStay:
    """A running session."""

    session: Session
    studio: Studio
    steered: Steering
    task: asyncio.Task[None]
    codes: list[str]
    events: list[BotEvent] = field(default_factory=list)

    async def live(self) -> None:
        await eventually(lambda: self.session.state is SessionState.LIVE, timeout_s=60, what="to be live")

    async def leave(self) -> None:
        self.task.cancel()
        await asyncio.wait({self.task})


def steered_settings(tmp_path: Path, **flags: object) -> Settings:
    given = {
        "video.source": "pattern",
        "video.width_px": 320,
        "video.height_px": 180,
        "effects.background": "color:#808080",
        "meeting.name": "Ada",
        "meeting.notice": "",
        "chat.cooldown_s": 0,
        **{key.replace("__", "."): value for key, value in flags.items()},
    }
    return load_settings(given, cwd=tmp_path, environ={}, user_file=tmp_path / "none.toml").settings


@asynccontextmanager
async def steered_stay(lab: JitsiLab, settings: Settings, room: str = "Daily") -> AsyncIterator[SteeredStay]:
    events: list[BotEvent] = []
    codes: list[str] = []
    url = lab.url(room)
    async with Studio(StudioPlan.of(settings), settings, emit=events.append) as studio:
        steered = await steering(
            studio, settings, server=meeting_server(url), emit=events.append, announce=codes.append
        )
        session = Session(
            meeting_opener(url, settings),
            studio,
            notice=settings.meeting.notice,
            emit=events.append,
            control=steered.control,
            chat=steered.chat,
        )
        running = SteeredStay(session, studio, steered, asyncio.create_task(session.run()), codes, events)
        try:
            yield running
        finally:
            await running.leave()


class Person:
    """A member of the room who types: the watcher, with the answers that it gets."""

    def __init__(self, watcher: Watcher) -> None:
        self.watcher = watcher

    async def bot(self, name: str = "Ada") -> str:
        """The endpoint id of a bot, once it is there."""

        def found() -> str | None:
            return next((nick for nick, seen in self.watcher.participants.items() if seen.name == name), None)

        return await eventually(found, what=f"{name} in the room") or ""

    async def answer(self, text: str, *, to: str | None = None) -> ChatLine:
        """Say a line to all, or to one, and wait for the next line that somebody says."""
        heard = len(self.watcher.chat)
        if to is None:
            self.watcher.say(text)
        else:
            self.watcher.say_to(to, text)
        await eventually(lambda: len(self.watcher.chat) > heard, what=f"an answer to {text!r}")
        return self.watcher.chat[heard]

    async def silence(self, text: str, *, to: str | None = None, wait_s: float = 1.0) -> None:
        """Say a line, and see that nobody answers for a while."""
        heard = list(self.watcher.chat)
        if to is None:
            self.watcher.say(text)
        else:
            self.watcher.say_to(to, text)
        await asyncio.sleep(wait_s)
        assert self.watcher.chat == heard

    async def claims(self, stay: SteeredStay, name: str = "Ada") -> None:
        """Take charge, privately."""
        line = await self.answer(f"!claim {stay.codes[-1]}", to=await self.bot(name))
        assert line.private
        assert "in charge" in line.text, line

    async def sees(self, bgr: tuple[int, int, int], *, of: str | None = None, near: float = 12.0) -> None:
        """Wait until a picture has this colour in its upper corners, where no person is."""
        async with asyncio.timeout(60):
            while corner_error(await self.watcher.frame(of=of), bgr) > near:
                pass


def corner_error(picture: Bgr, bgr: tuple[int, int, int]) -> float:
    """How far the upper corners are from a colour, 0 to 255."""
    height_px, width_px = picture.shape[:2]
    rows = slice(height_px // 40, height_px // 8)
    sides = (slice(width_px // 40, width_px // 8), slice(-width_px // 8, -width_px // 40))
    return max(float(np.abs(picture[rows, side].astype(int) - np.array(bgr)).mean()) for side in sides)
