"""The person's stand-in, whether or not there is a meeting: source → picture → outgoing video, and the sound beside.

The studio is open before a meeting is joined and stays open when a connection is lost. Meetings and previews only
hang tracks on `Studio.video` and `Studio.audio`.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from eyeline.bot.calibrations import Calibrations
from eyeline.bot.effects import effects_of
from eyeline.bot.events import (
    BackgroundChanged,
    BackgroundTrouble,
    BotEvent,
    Emit,
    EventLoopLate,
    GazeChanged,
    OnAirChanged,
    PictureFailed,
    PictureRestarted,
    SourceChanged,
    TierChanged,
)
from eyeline.bot.loop_lag import LoopLag
from eyeline.bot.pictures import picture_maker
from eyeline.bot.weights import fetch_face_weights, fetch_weights
from eyeline.config.errors import ModelError
from eyeline.config.schema import Settings, VideoSettings
from eyeline.integrations.events import MediaKind
from eyeline.processing.card import StillCard
from eyeline.processing.effects import EffectState
from eyeline.processing.gallery import Gallery
from eyeline.processing.memory import give_freed_memory_back, keep_freed_memory
from eyeline.processing.outgoing_audio import OutgoingAudio
from eyeline.processing.outgoing_video import OutgoingVideo
from eyeline.processing.picture import needs_person
from eyeline.processing.picture_status import PictureStatus
from eyeline.processing.sources.audio import AudioSource
from eyeline.processing.sources.blocks import AudioBlock
from eyeline.processing.sources.fitting import Box
from eyeline.processing.sources.spec import (
    AudioSpec,
    BrowserSpec,
    SilenceSpec,
    VideoSpec,
    parse_audio_source,
    parse_video_source,
)
from eyeline.processing.sources.state import SourceState
from eyeline.processing.sources.video import VideoSource
from eyeline.processing.sources.webrtc import IngestSession
from eyeline.processing.sources.webrtc_source import SenderAudio, SenderVideo
from eyeline.processing.stage_times import StageTimes

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StudioPlan:
    """Which sources and what picture, parsed."""

    video: VideoSpec
    audio: AudioSpec
    effects: EffectState

    @property
    def from_browser(self) -> frozenset[str]:
        """What a browser is to send: `video`, `audio`, both or nothing."""
        specs = {"video": self.video, "audio": self.audio}
        return frozenset(kind for kind, spec in specs.items() if isinstance(spec, BrowserSpec))

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The plan that settings ask for. Touches no device.

        Raises:
            UsageError: A source or an effect is not written as it must be.
        """
        return cls(
            parse_video_source(settings.video.source),
            parse_audio_source(settings.audio.source),
            effects_of(settings.effects),
        )


class Studio:
    """Everything between a camera and the door out; an async context manager.

    Args:
        plan: Which sources and what picture.
        settings: Size, name, where weights and backgrounds are.
        emit: Takes events, in the event loop.
    """

    def __init__(self, plan: StudioPlan, settings: Settings, *, emit: Emit) -> None:
        keep_freed_memory()
        self._plan = plan
        self._emit = emit
        self._effects = plan.effects
        self.gallery = Gallery(settings.backgrounds.directory)
        self._models = settings.models
        self._stack = AsyncExitStack()
        self._swap = asyncio.Lock()
        self._loop = asyncio.get_running_loop()
        self.video = OutgoingVideo(
            StillCard(settings.meeting.name),
            size_px=(settings.video.width_px, settings.video.height_px),
            on_state=lambda state: emit(OnAirChanged(state)),
        )
        self.audio = OutgoingAudio()
        self.loop_lag = LoopLag(on_late=lambda lag: emit(EventLoopLate(lag.p99_ms)))
        self._maker = picture_maker(
            settings,
            on_picture=self.video.show,
            on_failure=lambda error: self._emit_soon(PictureFailed(f"{type(error).__name__}: {error}")),
            on_restart=lambda reason: self._emit_soon(PictureRestarted(reason)),
            on_tier=lambda change: self._emit_soon(TierChanged(change.tier, change.why)),
            on_trouble=lambda reason: self._emit_soon(BackgroundTrouble(reason)),
            on_gaze=lambda status: self._emit_soon(GazeChanged(status.activity, status.why)),
        )
        self.ingest = IngestSession(plan.from_browser)
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
        return self._maker.processed

    @property
    def dropped(self) -> int:
        """How many frames were passed over, because a newer one came or nobody looked."""
        return self._maker.dropped

    @property
    def restarts(self) -> int:
        """How often whatever makes the pictures was started anew."""
        return self._maker.restarts

    @property
    def trouble(self) -> str:
        """Why the background does not show what it should; empty while it does."""
        return self._maker.trouble

    @property
    def times(self) -> StageTimes:
        """How long the stages of the picture take."""
        return self._maker.times

    @property
    def picture(self) -> PictureStatus:
        """How the picture is doing otherwise."""
        return self._maker.status

    async def __aenter__(self) -> Self:
        """Open the camera and start what makes the pictures, both at once.

        Raises:
            SourceError: The camera, microphone, file or stream cannot be opened.
            BackgroundError: The background is unknown or cannot be used.
            ModelError: The weights cannot be had.
            PictureError: No picture can be made.
        """
        async with AsyncExitStack() as stack:
            stack.callback(self.video.close)
            await asyncio.to_thread(self.gallery.check, self._effects.background)  # no camera for a misspelt name
            await stack.enter_async_context(self.loop_lag)
            stack.push_async_callback(asyncio.to_thread, self._maker.close)
            self._maker.__enter__()
            await stack.enter_async_context(self.ingest)
            await stack.enter_async_context(self._source)
            await stack.enter_async_context(self._sound)
            await self.set_effects(await asyncio.to_thread(self._calibrated))
            await self._source.opened()
            await self._sound.opened()
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def set_effects(self, effects: EffectState) -> None:
        """Change the picture; what is on stays until the new effects are ready, and nobody sees it after that.

        Raises:
            BackgroundError: The background is unknown or cannot be used; nothing has changed.
            ModelError: The weights cannot be had; nothing has changed.
            PictureError: Nobody can prepare them; nothing has changed.
        """
        async with self._swap:
            await asyncio.to_thread(self._prepare, effects)
            self._effects = effects
            self.video.forget()
        self._emit(BackgroundChanged(str(effects.background)))

    def pause(self, paused: bool) -> None:
        """Stop working while nobody looks, or go on."""
        self._maker.pause(paused)
        if paused:
            self._source.pause()
        else:
            self._source.resume()

    def tidy(self) -> None:
        """Give back what a media session had that is over, beside everything else."""
        self._tidying = self._loop.run_in_executor(None, give_freed_memory_back)

    def _calibrated(self) -> EffectState:
        """The first effects, with what is known of the person's eyes before this camera."""
        calibration = Calibrations().recall(str(self._plan.video))
        return replace(self._effects, gaze=replace(self._effects.gaze, calibration=calibration))

    def _prepare(self, effects: EffectState) -> None:
        if needs_person(effects):
            fetch_weights(self._models)
        if effects.gaze.works:
            self._fetch_face_weights()
        self._maker.set_effects(effects)

    def _fetch_face_weights(self) -> None:
        """Eyes that cannot be turned stay as they are; the picture says why."""
        try:
            fetch_face_weights(self._models)
        except ModelError as error:
            log.warning("the gaze cannot be corrected: %s %s", error, error.hint)

    def _video_source(self, video: VideoSettings) -> VideoSource | SenderVideo:
        spec = self._plan.video

        def on_state(state: SourceState) -> None:
            self._source_changed(MediaKind.VIDEO, str(spec), state)

        if isinstance(spec, BrowserSpec):
            box = Box(video.width_px, video.height_px, video.fps)
            return self.ingest.video(box, on_frame=self._maker.offer, on_state=on_state)
        return VideoSource(
            spec,
            width_px=video.width_px,
            height_px=video.height_px,
            fps=video.fps,
            on_frame=self._maker.offer,
            on_state=on_state,
        )

    def _audio_source(self) -> AudioSource | SenderAudio:
        spec = self._plan.audio

        def on_block(block: AudioBlock) -> None:
            self.audio.put(block.samples, block.captured_at_s)

        def on_state(state: SourceState) -> None:
            self._source_changed(MediaKind.AUDIO, str(spec), state)

        if isinstance(spec, BrowserSpec):
            return self.ingest.audio(on_block=on_block, on_state=on_state)
        return AudioSource(spec, on_block=on_block, on_state=on_state)

    def _source_changed(self, kind: MediaKind, source: str, state: SourceState) -> None:
        self._emit(SourceChanged(kind, source, state.phase.value, state.detail))

    def _emit_soon(self, event: BotEvent) -> None:
        self._loop.call_soon_threadsafe(self._emit, event)
