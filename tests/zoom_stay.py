"""A person's camera in a Zoom meeting of the double, steered by chat, and its codes as the terminal shows them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from steered_stay import SteeredStay
from zoom_double import Zoom, double_command
from zoom_lab.stage import Stage

from eyeline.bot.events import BotEvent
from eyeline.bot.meetings import meeting_server
from eyeline.bot.session import Session
from eyeline.bot.steering import steering
from eyeline.bot.studio import Studio, StudioPlan
from eyeline.bot.zoom_meetings import zoom_opener
from eyeline.config.schema import Settings
from eyeline.config.settings import load_settings

URL = "https://us02web.zoom.us/j/81234567890?pwd=geheimes.1"
GRACE = {"user_id": 5, "name": "Grace", "host": True}
SECRETS = {"EYELINE_ZOOM__CLIENT_SECRET": "geheim-geheim-geheim-geheim-1234"}


def zoom_settings(tmp_path: Path, **flags: object) -> Settings:
    given = {
        "video.source": "pattern",
        "video.width_px": 320,
        "video.height_px": 180,
        "effects.background": "color:#808080",
        "meeting.name": "Ada",
        "meeting.notice": "",
        "chat.cooldown_s": 0,
        "zoom.client_id": "the-app",
        **{key.replace("__", "."): value for key, value in flags.items()},
    }
    return load_settings(given, cwd=tmp_path, environ=SECRETS, user_file=tmp_path / "none.toml").settings


@asynccontextmanager
async def zoom_stay(stage: Stage, settings: Settings, **scenario: Any) -> AsyncIterator[SteeredStay]:
    """A running session; its bridge is told the scenario."""
    events: list[BotEvent] = []
    codes: list[str] = []
    command = double_command(stage, **{"people": [GRACE], **scenario})
    async with Studio(StudioPlan.of(settings), settings, emit=events.append) as studio:
        steered = await steering(
            studio, settings, server=meeting_server(URL), emit=events.append, announce=codes.append
        )
        session = Session(
            zoom_opener(URL, settings, bridge_command=command),
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


class Grace:
    """Somebody in the meeting who types."""

    def __init__(self, zoom: Zoom, user_id: int = 5) -> None:
        self._zoom = zoom
        self._user_id = user_id

    async def answer(self, text: str, *, private: bool = False) -> dict[str, Any]:
        """Say a line, and wait for the next one that we are told."""
        before = len(self._zoom.notes)
        await self._zoom.do("chat", user_id=self._user_id, text=text, private=private)
        return await self._zoom.noted("chat", after=before, to=self._user_id)

    async def claims(self, stay: SteeredStay) -> None:
        """Take charge, privately."""
        line = await self.answer(f"!claim {stay.codes[-1]}", private=True)
        assert line["private"]
        assert "in charge" in line["text"], line
