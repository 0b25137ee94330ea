"""The REST interface over a real host, with limits so small that tests can reach them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from eyeline.bot.api.event_hub import EventHub
from eyeline.bot.api.server import Api
from eyeline.bot.api.uploads import UploadLimits
from eyeline.bot.events import BotEvent
from eyeline.bot.host import Host
from eyeline.bot.studio import StudioPlan
from eyeline.config.settings import load_settings

TOKEN = "a-token-for-tests-0123456789"
LIMITS = UploadLimits(max_bytes=200_000, max_pixels=1_000_000, timeout_s=3.0, max_files=6)
MAX_STREAMS = 210


@dataclass
class Served:
    """A host and its server."""

    host: Host
    hub: EventHub
    server: Api
    gallery: Path
    codes: list[str]
    events: list[BotEvent] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.server.url


@asynccontextmanager
async def served(folder: Path, **more: object) -> AsyncIterator[Served]:
    """A running server; `more` are settings, with `__` for the dot."""
    gallery = folder / "gallery"
    flags = {
        "video.source": "pattern",
        "video.width_px": 320,
        "video.height_px": 180,
        "effects.background": "color:#808080",
        "effects.remember": False,
        "meeting.name": "Ada",
        "meeting.notice": "",
        "chat.cooldown_s": 0,
        "backgrounds.directory": gallery,
        **{key.replace("__", "."): value for key, value in more.items()},
    }
    settings = load_settings(flags, cwd=folder, environ={}, user_file=folder / "none.toml").settings
    hub, events, codes = EventHub(), [], []

    def emit(event: BotEvent) -> None:
        events.append(event)
        hub.publish(event)

    async with (
        Host(StudioPlan.of(settings), settings, emit=emit, announce=codes.append) as host,
        Api(host, hub, token=TOKEN, address="127.0.0.1", port=0, limits=LIMITS, max_streams=MAX_STREAMS) as server,
    ):
        yield Served(host, hub, server, gallery, codes, events)
