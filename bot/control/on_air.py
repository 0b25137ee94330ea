"""Whether picture and sound leave at all: video off, mute and panic, in and between meetings."""

from __future__ import annotations

import asyncio

from eyeline.bot.control.outcome import Outcome, Reason
from eyeline.bot.control.stage import Stage
from eyeline.integrations.events import MediaKind
from eyeline.integrations.meeting import Meeting


class OnAir:
    """Hiding is done at once and cannot fail. Everything that waits for others comes after it.

    Args:
        stage: Whose picture is hidden.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._meeting: Meeting | None = None
        self._changing = asyncio.Lock()
        self._hidings = 0
        self._wanted = {MediaKind.VIDEO: True, MediaKind.AUDIO: stage.has_sound}
        self._muted = dict.fromkeys(MediaKind, False)
        self.panic = False

    @property
    def video(self) -> bool:
        """Whether the camera is meant to be on and nobody has muted it."""
        return self._wanted[MediaKind.VIDEO] and not self._muted[MediaKind.VIDEO]

    @property
    def microphone(self) -> bool:
        """Whether sound is sent."""
        return self._wanted[MediaKind.AUDIO] and not self._muted[MediaKind.AUDIO]

    async def settle_in(self, meeting: Meeting) -> None:
        """Do in a meeting that was just joined what is wanted.

        Raises:
            EyelineError: The meeting refuses or is over.
        """
        async with self._changing:
            self._meeting = meeting
            self._muted = dict.fromkeys(MediaKind, False)
            for kind, wanted in self._wanted.items():
                if not wanted:
                    await meeting.set_muted(kind, True)

    def leave(self) -> None:
        """There is no meeting any more."""
        self._meeting = None

    def notice(self, kind: MediaKind, muted: bool) -> None:
        """The meeting says that we are muted, or not; a moderator may have done it."""
        self._muted[kind] = muted

    def panic_now(self) -> Outcome:
        """Show the card."""
        self.panic = True
        self._hide()
        return Outcome.done("The card is shown. Only switching the video on shows you again. Sound goes on as it was.")

    async def set_video(self, on: bool) -> Outcome:
        """Stop the camera and show the card, or go on; going on ends a panic.

        Raises:
            EyelineError: The meeting refuses or is over.
        """
        if not on:
            self._hide()
        hidings = self._hidings
        async with self._changing:
            await self._want(MediaKind.VIDEO, on)
            if self._meeting is None:
                self._stage.pause(not on)
            if not on:
                return Outcome.done("The video is off.")
            if hidings != self._hidings:
                return Outcome.refused(Reason.NOT_NOW, "Hidden meanwhile, so the card stays.")
            self.panic = False
            self._stage.video.unhide()
        return Outcome.done("The video is on.")

    async def set_microphone(self, on: bool) -> Outcome:
        """Mute the sound, or not.

        Raises:
            EyelineError: The meeting refuses or is over.
        """
        if not self._stage.has_sound:
            if not on:
                return Outcome.done("No sound is sent anyway.")
            return Outcome.refused(Reason.NOT_NOW, "There is no sound to send: start with --audio microphone.")
        async with self._changing:
            await self._want(MediaKind.AUDIO, on)
        return Outcome.done("The microphone is on." if on else "The microphone is muted.")

    def _hide(self) -> None:
        self._hidings += 1
        self._stage.video.hide()

    async def _want(self, kind: MediaKind, on: bool) -> None:
        """Muting is wanted even where the meeting fails at it; unmuting only once it has succeeded."""
        if not on:
            self._wanted[kind] = False
        if self._meeting is not None:
            await self._meeting.set_muted(kind, not on)
        self._wanted[kind] = on
        self._muted[kind] = False
