"""A call in the lab's room: us with a green picture and a tone, and a watcher that sees them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
from jitsi.listening import PATIENCE_S, Joined
from jitsi_lab.deployment import JitsiLab
from jitsi_lab.tracks import PlainPicture, Tone
from jitsi_lab.waiting import eventually
from jitsi_lab.watcher import Watcher

GREEN = (40, 200, 60)
ROOM = "Daily"


def publishing(lab: JitsiLab, **options: Any) -> Joined:
    return Joined(lab.url(ROOM), "Ann", video=PlainPicture(GREEN), audio=Tone(0.5), **options)


@asynccontextmanager
async def watching(lab: JitsiLab, **options: Any) -> AsyncIterator[Watcher]:
    """A watcher who stays until we have left and the focus has ended its session."""
    async with Watcher(lab, ROOM, **options) as watcher:
        yield watcher
        await eventually(lambda: not watcher.participants and watcher.media_state == "closed", what="the room to empty")


async def sees(watcher: Watcher, who: str, bgr: tuple[int, int, int]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            pixel = (await watcher.frame(of=who))[90, 160].astype(int)
            if np.abs(pixel - bgr).max() < 25:
                return
