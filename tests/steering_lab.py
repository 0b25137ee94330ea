"""A stage with a real picture, gallery and door out, and a meeting in memory, to steer without a network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np
from picture_lab import StillRuntime, captured, half_person, scene

from eyeline.bot.events import BotEvent
from eyeline.config.errors import RefusedError
from eyeline.integrations.events import Identity, IdentityKind, MediaKind, MeetingEvent, Participant
from eyeline.processing.card import StillCard
from eyeline.processing.effects import EffectState, parse_background
from eyeline.processing.gallery import Gallery
from eyeline.processing.mask import PersonMask
from eyeline.processing.outgoing_video import OutgoingVideo
from eyeline.processing.picture import Picture
from eyeline.processing.worker.in_process import PictureThread

SIZE_PX = (64, 36)


def person(nick: str, name: str, *, bot: bool = False, known: bool = True) -> Participant:
    """A guest, whose identity is made of the nick."""
    identity = Identity(IdentityKind.GUEST, f"{nick}@meet.test") if known else None
    return Participant(nick, name, identity=identity, bot=bot)


class StillStage:
    """A camera that hands in one frame when told to.

    Args:
        folder: Of the gallery: `beach`, `beacon` and `peach`, beside what Eyeline draws.
    """

    def __init__(self, folder: Path) -> None:
        for name in ("beach", "beacon", "peach"):
            cv2.imwrite(str(folder / f"{name}.png"), np.full((4, 4, 3), 90, np.uint8))
        self.gallery = Gallery(folder)
        self.video = OutgoingVideo(StillCard("Ada"), size_px=SIZE_PX)
        self.has_sound = True
        self.paused = False
        self.effects = EffectState(parse_background("color:#808080"))
        self.preparing = asyncio.Event()
        self.preparing.set()
        self._maker = PictureThread(self._open, on_picture=self.video.show)

    def _open(self) -> Picture:
        return Picture(lambda: PersonMask(StillRuntime(half_person())), self.gallery)

    async def __aenter__(self) -> Self:
        self._maker.__enter__()
        await self.set_effects(self.effects)
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self._maker.close)
        self.video.close()

    @property
    def trouble(self) -> str:
        return self._maker.trouble

    @property
    def background(self) -> str:
        return str(self.effects.background)

    async def set_effects(self, effects: EffectState) -> None:
        """Waits for `preparing`, as a large picture would have it."""
        await self.preparing.wait()
        await asyncio.to_thread(self._maker.set_effects, effects)
        self.effects = effects

    def pause(self, paused: bool) -> None:
        self.paused = paused

    def capture(self) -> None:
        """One frame from the camera."""
        self._maker.offer(captured(scene(*SIZE_PX)[0], asyncio.get_running_loop().time()))


@dataclass
class RoomInMemory:
    """A meeting that notes what is said and muted; implements `Meeting`.

    Attributes:
        moderated: Whether unmuting is refused.
    """

    participants: Mapping[str, Participant]
    said: list[tuple[str, str | None]] = field(default_factory=list)
    muted: dict[MediaKind, bool] = field(default_factory=dict)
    moderated: bool = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    async def events(self) -> AsyncIterator[MeetingEvent]:
        for event in ():
            yield event

    async def send_chat(self, text: str, *, to: str | None = None) -> None:
        self.said.append((text, to))

    async def set_muted(self, kind: MediaKind, muted: bool) -> None:
        if self.moderated and not muted:
            raise RefusedError("A moderator has to allow video first.")
        self.muted[kind] = muted


@asynccontextmanager
async def still_stage(folder: Path) -> AsyncIterator[StillStage]:
    """An open stage."""
    gallery = folder / "gallery"
    gallery.mkdir()
    async with StillStage(gallery) as stage:
        yield stage


Told = list[BotEvent]
