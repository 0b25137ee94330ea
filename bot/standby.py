"""A stage that is there before the camera is open, so that what is asked for meanwhile is not lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from eyeline.bot.events import Emit
from eyeline.bot.studio import Studio, StudioPlan
from eyeline.config.schema import Settings
from eyeline.processing.card import StillCard
from eyeline.processing.effects import EffectState
from eyeline.processing.gallery import Gallery
from eyeline.processing.outgoing_video import OutgoingVideo
from eyeline.processing.sources.spec import SilenceSpec


class StandbyStage:
    """Keeps effects and hiding from one studio to the next. The camera is open only while a studio is.

    Made and used in one event loop. Implements `Stage`.

    Args:
        plan: Which sources and what picture.
        settings: Size, name, where weights and backgrounds are.
    """

    def __init__(self, plan: StudioPlan, settings: Settings) -> None:
        self._plan = plan
        self._effects = plan.effects
        self._opening = asyncio.Lock()
        self._paused = False
        self._card = OutgoingVideo(
            StillCard(settings.meeting.name), size_px=(settings.video.width_px, settings.video.height_px)
        )
        self.studio: Studio | None = None
        self.video = self._card
        self.gallery = Gallery(settings.backgrounds.directory)

    @property
    def effects(self) -> EffectState:
        """What is done to the picture, or will be."""
        return self._effects

    @property
    def has_sound(self) -> bool:
        """Whether there is anything to hear."""
        return not isinstance(self._plan.audio, SilenceSpec)

    @property
    def trouble(self) -> str:
        """Why the background does not show what it should; empty while it does, and while nothing is shown."""
        return self.studio.trouble if self.studio is not None else ""

    async def set_effects(self, effects: EffectState) -> None:
        """Change the picture, or what it will be.

        Raises:
            EyelineError: The open studio cannot have them; nothing has changed.
        """
        async with self._opening:
            if self.studio is not None:
                await self.studio.set_effects(effects)
            self._effects = effects

    def pause(self, paused: bool) -> None:
        """Stop working while nobody looks, or go on."""
        self._paused = paused
        if self.studio is not None:
            self.studio.pause(paused)

    @asynccontextmanager
    async def open(self, settings: Settings, *, emit: Emit) -> AsyncIterator[Studio]:
        """Open the camera for as long as the block runs. To be entered once at a time.

        Raises:
            EyelineError: Camera, background or weights cannot be had.
        """
        studio = Studio(replace(self._plan, effects=self._effects), settings, emit=emit)
        self._show_through(studio.video)
        try:
            async with self._opening:
                await studio.__aenter__()
                self.studio = studio
            studio.pause(self._paused)
            yield studio
        finally:
            self.studio = None
            self._show_through(self._card)
            await studio.__aexit__(None, None, None)

    def close(self) -> None:
        """There will be no studio any more."""
        self._card.close()

    def _show_through(self, video: OutgoingVideo) -> None:
        """What was hidden stays hidden."""
        if self.video.hidden:
            video.hide()
        else:
            video.unhide()
        self.video = video
