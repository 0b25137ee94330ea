"""What is steered: the studio, as far as commands reach into it."""

from __future__ import annotations

from typing import Protocol

from eyeline.processing.effects import EffectState
from eyeline.processing.gallery import Gallery
from eyeline.processing.outgoing_video import OutgoingVideo


class Stage(Protocol):
    """Source, picture and the door out; `Studio` is one. Used in its event loop only."""

    gallery: Gallery
    video: OutgoingVideo

    @property
    def effects(self) -> EffectState:
        """What is done to the picture."""

    @property
    def has_sound(self) -> bool:
        """Whether there is anything to hear."""

    @property
    def trouble(self) -> str:
        """Why the background does not show what it should; empty while it does."""

    async def set_effects(self, effects: EffectState) -> None:
        """Change the picture; what is on stays until the new effects are ready.

        Raises:
            EyelineError: They cannot be had; nothing has changed.
        """

    def pause(self, paused: bool) -> None:
        """Stop working while nobody looks, or go on."""
