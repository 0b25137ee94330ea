"""The person's stand-in, whether or not there is a meeting: source → picture → outgoing video, and the sound beside.

The studio is open before a meeting is joined and stays open when a connection is lost. Meetings and previews only
hang tracks on `Studio.video` and `Studio.audio`.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from eyeline.bot.events import BackgroundChanged, Emit, OnAirChanged, PictureFailed, SourceChanged
from eyeline.bot.weights import mask_opener
from eyeline.config.schema import Settings, VideoSettings
from eyeline.integrations.events import MediaKind
from eyeline.processing.card import StillCard
from eyeline.processing.effects import EffectState, parse_background
from eyeline.processing.gallery import Gallery
from eyeline.processing.outgoing_audio import OutgoingAudio
from eyeline.processing.outgoing_video import OutgoingVideo
from eyeline.processing.picture import Picture
from eyeline.processing.pump import PicturePump
from eyeline.processing.sources.audio import AudioSource
from eyeline.processing.sources.spec import AudioSpec, SilenceSpec, VideoSpec, parse_audio_source, parse_video_source
from eyeline.processing.sources.state import SourceState
from eyeline.processing.sources.video import VideoSource
from eyeline.processing.stage_times import StageTimes

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StudioPlan:
    """Which sources and what picture, parsed."""

    video: VideoSpec
    audio: AudioSpec
    effects: EffectState

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The plan that settings ask for. Touches no device.

        Raises:
            UsageError: A source or the background is not written as it must be.
        """
        return cls(
            parse_video_source(settings.video.source),
            parse_audio_source(settings.audio.source),
            EffectState(parse_background(settings.effects.background)),
        )


class Studio:
    """Everything between a camera and the door out; an async context manager.

    Args:
        plan: Which sources and what picture.
        settings: Size, name, where weights and backgrounds are.
        emit: Takes events, in the event loop.
    """

    def __init__(self, plan: StudioPlan, settings: Settings, *, emit: Emit) -> None:
        self._plan = plan
        self._emit = emit
        self._effects = plan.effects
        self.gallery = Gallery(settings.backgrounds.directory)
        self._picture = Picture(mask_opener(settings.models), self.gallery)
        self._stack = AsyncExitStack()
        self._swap = asyncio.Lock()
        self._loop = asyncio.get_running_loop()
        self.video = OutgoingVideo(
            StillCard(settings.meeting.name),
            size_px=(settings.video.width_px, settings.video.height_px),
            on_state=lambda state: emit(OnAirChanged(state)),
        )
        self.audio = OutgoingAudio()
        self._pump = PicturePump(self._picture, on_picture=self.video.show, on_failure=self._picture_failed)
        self._source = self._video_source(settings.video)
        self._sound = self._audio_source()

    @property
    def has_sound(self) -> bool:
        """Whether there is anything to hear; silence is not sent."""
        return not isinstance(self._plan.audio, SilenceSpec)

    @property
    def effects(self) -> EffectState:
        """What is done to the picture."""
        return self._effects

    @property
    def processed(self) -> int:
        """How many pictures were made."""
        return self._pump.processed

    @property
    def times(self) -> StageTimes:
        """How long the stages of the picture take."""
        return self._picture.times

    async def __aenter__(self) -> Self:
        """Open the camera and load the network, both at once.

        Raises:
            SourceError: The camera, microphone, file or stream cannot be opened.
            BackgroundError: The background is unknown or cannot be used.
            ModelError: The weights cannot be had.
        """
        async with AsyncExitStack() as stack:
            stack.callback(self.video.close)
            stack.callback(self._picture.close)
            await stack.enter_async_context(self._source)
            await stack.enter_async_context(self._sound)
            await self.set_effects(self._effects)
            stack.enter_context(self._pump)
            await self._source.opened()
            await self._sound.opened()
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def set_effects(self, effects: EffectState) -> None:
        """Change the picture; what is on stays until the new effects are ready.

        Raises:
            BackgroundError: The background is unknown or cannot be used; nothing has changed.
            ModelError: The weights cannot be had; nothing has changed.
        """
        async with self._swap:
            self._picture.apply(await asyncio.to_thread(self._picture.prepare, effects))
            self._effects = effects
        self._emit(BackgroundChanged(str(effects.background)))

    def pause(self, paused: bool) -> None:
        """Stop working while nobody looks, or go on."""
        self._pump.pause(paused)
        if paused:
            self._source.pause()
        else:
            self._source.resume()

    def _video_source(self, video: VideoSettings) -> VideoSource:
        return VideoSource(
            self._plan.video,
            width_px=video.width_px,
            height_px=video.height_px,
            fps=video.fps,
            on_frame=self._pump.offer,
            on_state=lambda state: self._source_changed(MediaKind.VIDEO, str(self._plan.video), state),
        )

    def _audio_source(self) -> AudioSource:
        return AudioSource(
            self._plan.audio,
            on_block=lambda block: self.audio.put(block.samples),
            on_state=lambda state: self._source_changed(MediaKind.AUDIO, str(self._plan.audio), state),
        )

    def _source_changed(self, kind: MediaKind, source: str, state: SourceState) -> None:
        self._emit(SourceChanged(kind, source, state.phase.value, state.detail))

    def _picture_failed(self, error: Exception) -> None:
        event = PictureFailed(f"{type(error).__name__}: {error}")
        self._loop.call_soon_threadsafe(self._emit, event)
