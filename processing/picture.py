"""The picture that others see: the one place where a captured frame becomes a processed one."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from types import TracebackType
from typing import Self

from eyeline.config.errors import ModelError
from eyeline.processing.auto_framing import framed_image, framed_mask
from eyeline.processing.backgrounds import Background, Pace
from eyeline.processing.beside import Beside
from eyeline.processing.blur import blurred_room
from eyeline.processing.camera_care import CameraCare
from eyeline.processing.compose import blend
from eyeline.processing.effects import BlurBackground, EffectState, Exposure, NoBackground
from eyeline.processing.errors import BackgroundError, PictureError
from eyeline.processing.frame import CapturedFrame, I420Image, ProcessedFrame
from eyeline.processing.gallery import Gallery
from eyeline.processing.gaze.correction import GazeCorrection, OpenGaze
from eyeline.processing.gaze.status import Activity, GazeStatus
from eyeline.processing.kernels.warm_up import warm_up, warm_up_gaze
from eyeline.processing.light_wrap import LightWrap
from eyeline.processing.mask import PersonMask
from eyeline.processing.open_background import open_background
from eyeline.processing.picture_status import PictureStatus
from eyeline.processing.pyramid import Pyramid
from eyeline.processing.refine import Matte, matte_of
from eyeline.processing.segmenter import Mask
from eyeline.processing.sight import sight_of
from eyeline.processing.stage_times import StageClock, StageTimes
from eyeline.processing.tiers import Tier, TierControl

log = logging.getLogger(__name__)

_MOST_BLUR = 100
_NO_NETS = "its nets are not on this machine: eyeline models fetch"


def shows_room(effects: EffectState) -> bool:
    """Whether these effects leave the room as it is."""
    match effects.background:
        case NoBackground() | BlurBackground(strength=0):
            return True
        case _:
            return False


def needs_person(effects: EffectState) -> bool:
    """Whether these effects depend on where the person is, and so on the nets."""
    return not shows_room(effects) or effects.framing.follow or effects.exposure is not Exposure.OFF


@dataclass(frozen=True, slots=True)
class PreparedEffects:
    """Effects with everything that they need, opened: `Picture.apply` cannot fail on them.

    Args:
        effects: What is done.
        mask: Finds the person, where that is needed.
        background: What stands behind, where it is not the room.
        gaze: Turns eyes, where that is wanted.
        trouble: Why these are not the effects that were asked for; empty when they are.
    """

    effects: EffectState
    mask: PersonMask | None
    background: Background | None
    gaze: GazeCorrection | None = None
    trouble: str = ""

    def close(self) -> None:
        """Free what was opened, where it is not to be applied after all."""
        if self.background is not None:
            self.background.close()


class Picture:
    """Makes processed frames. A context manager: leaving it frees the net and the background.

    `process` belongs to one thread; everything else may be called from any. Until effects are applied, and whenever
    something fails, there is no picture at all: an error is raised, and nobody sees the room.

    Args:
        open_mask: Loads the nets; called when effects first need them, in the thread that prepares them.
        gallery: Backgrounds by name.
        pace: Whose clock a video background follows.
        now_s: What the stages are timed with: the wall's clock, or the thread's own.
        tier: How much work masks are worth; `None` lets the time decide that frames take.
        open_gaze: Loads the nets of the gaze correction, likewise; without it eyes stay as they are.
        beside: Whether eyes are turned while the person is looked for, in a second thread.
    """

    def __init__(
        self,
        open_mask: Callable[[], PersonMask],
        gallery: Gallery,
        *,
        pace: Pace = Pace.LIVE,
        now_s: Callable[[], float] = time.perf_counter,
        tier: Tier | None = Tier.CLOSE,
        open_gaze: OpenGaze | None = None,
        beside: bool = False,
    ) -> None:
        self._beside = Beside(wanted=beside)
        self._open_gaze = open_gaze
        self._gaze: GazeCorrection | None = None
        self._open_mask = open_mask
        self._gallery = gallery
        self._pace = pace
        self._now_s = now_s
        self._lock = threading.Lock()
        self._loading = threading.Lock()
        self._closed = False
        self._mask: PersonMask | None = None
        self._prepared: PreparedEffects | None = None
        self._times = StageTimes()
        self._tiers = TierControl(tier)
        self._status = PictureStatus()
        self._care = CameraCare()
        self._light_wrap = LightWrap()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def effects(self) -> EffectState | None:
        """What is applied."""
        return self._prepared.effects if self._prepared else None

    @property
    def trouble(self) -> str:
        """Why the background does not show what it should; empty while it does."""
        prepared = self._prepared
        if prepared is None:
            return ""
        return prepared.trouble or (prepared.background.trouble if prepared.background else "")

    @property
    def times(self) -> StageTimes:
        """How long the stages take."""
        return self._times

    @property
    def status(self) -> PictureStatus:
        """How it is doing."""
        return self._status

    def prepare(self, effects: EffectState) -> PreparedEffects:
        """Open whatever effects need, while the picture goes on as it is. Blocks: not for the event loop.

        Raises:
            BackgroundError: The background is unknown or cannot be used.
            ModelError: The net cannot be had.
            PictureError: The picture was closed meanwhile.
        """
        background = open_background(effects.background, self._gallery, self._pace)
        try:
            mask = self._shared_mask() if needs_person(effects) else None
        except Exception:
            if background is not None:
                background.close()
            raise
        return PreparedEffects(effects, mask, background, self._shared_gaze() if effects.gaze.works else None)

    def restore(self, effects: EffectState) -> PreparedEffects:
        """As `prepare`, of effects that were on before; a background that is gone since becomes the strongest blur.

        Raises:
            ModelError: The net cannot be had.
            PictureError: The picture was closed meanwhile.
        """
        try:
            return self.prepare(effects)
        except BackgroundError as error:
            log.warning("the background %s cannot be opened again; the room is blurred: %s", effects.background, error)
            blurred = self.prepare(replace(effects, background=BlurBackground(_MOST_BLUR)))
            return replace(blurred, trouble=f"The room is blurred: {error.message}")

    def apply(self, prepared: PreparedEffects) -> None:
        """Swap the effects, whole; the next frame has them. Does not block."""
        with self._lock:
            if self._closed:
                replaced: PreparedEffects | None = prepared
            else:
                replaced, self._prepared = self._prepared, prepared
        if replaced is not None and replaced is not self._prepared:
            replaced.close()

    def process(self, frame: CapturedFrame) -> ProcessedFrame:
        """Make the picture of a frame.

        Raises:
            PictureError: No effects were applied yet.
            ModelError: No mask could be had of this frame.
        """
        prepared, clock = self._current(), StageClock(self._now_s)
        scene = self._scene(frame, prepared, prepared.mask, clock)
        return self._finished(frame, scene, prepared, clock)

    def process_with_matte(self, frame: CapturedFrame) -> tuple[ProcessedFrame, Matte]:
        """As `process`, with the matte besides; finds the person whatever the effects are.

        Raises:
            PictureError: No effects were applied yet.
            ModelError: No mask could be had of this frame.
        """
        prepared, clock = self._current(), StageClock(self._now_s)
        scene = self._scene(frame, prepared, prepared.mask or self._shared_mask(), clock)
        matte = scene.matte(clock)
        return self._finished(frame, scene, prepared, clock), matte

    def close(self) -> None:
        """Free the net and the background; no picture comes any more. Does not block."""
        with self._lock:
            self._closed = True
            prepared, self._prepared = self._prepared, None
            mask, self._mask = self._mask, None
            gaze, self._gaze = self._gaze, None
        self._beside.close()
        if gaze is not None:
            gaze.close()
        if prepared is not None:
            prepared.close()
        if mask is not None:
            mask.close()

    def _current(self) -> PreparedEffects:
        prepared = self._prepared
        if prepared is None:
            raise PictureError("No effects are applied, so there is no picture.")
        return prepared

    def _scene(
        self, frame: CapturedFrame, prepared: PreparedEffects, person: PersonMask | None, clock: StageClock
    ) -> _Scene:
        """What may be seen of a frame, and where the person is in it."""
        effects = prepared.effects
        with clock.stage("care"):
            if self._care.begin(effects):
                self._forget_person()
                if self._gaze is not None:
                    self._gaze.reset()
            image = self._care.taken(frame.image)
        if person is None:
            self._forget_person()
            with clock.stage("gaze"):
                image, gaze = self._turned(image, frame.captured_at_s, prepared)
            self._status = PictureStatus(self._tiers.tier, self._tiers.why, gaze=gaze)
            return _Scene(image)
        turn_eyes = partial(self._turned, image, frame.captured_at_s, prepared)
        with self._beside.doing(turn_eyes, long=effects.gaze.works) as turned:
            with clock.stage("mask"):
                pyramid = Pyramid(image)  # eyes as they were: they are the person's either way
                mask = person.update(pyramid, self._tiers.tier, effects.people)
                sight = sight_of(pyramid, mask)
            with clock.stage("gaze"):
                image, gaze = turned()
        self._status = PictureStatus(self._tiers.tier, self._tiers.why, sight, gaze)
        with clock.stage("care"):
            view = self._care.view(frame, mask, self._face_px(prepared))
            if view is None:
                return _Scene(image, pyramid, mask)
            seen = framed_image(image, view)
            return _Scene(seen, pyramid if seen is image else Pyramid(seen), framed_mask(mask, view, image.size))

    def _finished(
        self, frame: CapturedFrame, scene: _Scene, prepared: PreparedEffects, clock: StageClock
    ) -> ProcessedFrame:
        if shows_room(prepared.effects):
            image = scene.image
        elif scene.mask is None:
            raise PictureError("There is no mask, so there is no picture.")
        else:
            image = self._composed(frame, scene, prepared, clock)
        times = clock.times()
        self._times = self._times.smoothed(times)
        if scene.mask is not None:
            self._tiers.spent(times.total_ms / 1e3, frame.captured_at_s)
        return ProcessedFrame(image, frame.captured_at_s)

    def _composed(self, frame: CapturedFrame, scene: _Scene, prepared: PreparedEffects, clock: StageClock) -> I420Image:
        matte = scene.matte(clock)
        with clock.stage("background"):
            behind = _behind(frame, scene, prepared)
        with clock.stage("compose"):
            image = blend(behind, matte)
            if prepared.effects.light_wrap and scene.mask is not None:
                self._light_wrap.lay_on(image, behind, matte, scene.mask, prepared.effects.light_wrap)
        return image

    def _forget_person(self) -> None:
        """What the nets saw last is stale by the time that it is needed again."""
        mask = self._mask
        if mask is not None:
            mask.reset()

    def _turned(self, image: I420Image, at_s: float, prepared: PreparedEffects) -> tuple[I420Image, GazeStatus]:
        """The frame with its eyes turned, or the frame itself where that is not wanted or not possible."""
        correction = prepared.gaze or self._gaze
        if correction is None:
            return image, GazeStatus(Activity.IDLE, _NO_NETS) if prepared.effects.gaze.works else GazeStatus()
        return correction.correct(image, at_s, prepared.effects.gaze), correction.status

    def _face_px(self, prepared: PreparedEffects) -> float | None:
        """Where the owner's face is in the frame whose eyes were turned last, from the left."""
        correction = prepared.gaze or self._gaze
        return correction.estimate.middle_px if correction is not None and correction.estimate is not None else None

    def _shared_gaze(self) -> GazeCorrection | None:
        """The correction, opened once; `None` where it cannot be had, which leaves eyes as they are."""
        with self._loading:
            if self._gaze is not None or self._open_gaze is None:
                return self._gaze
            warm_up_gaze()
            try:
                gaze = self._open_gaze()
            except ModelError as error:
                log.warning("the gaze is not corrected: %s %s", error, error.hint)
                return None
            with self._lock:
                if not self._closed:
                    self._gaze = gaze
                    return gaze
        gaze.close()
        return None

    def _shared_mask(self) -> PersonMask:
        with self._loading:
            if self._mask is not None:
                return self._mask
            warm_up()
            mask = self._open_mask()
            with self._lock:
                if not self._closed:
                    self._mask = mask
                    return mask
        mask.close()
        raise PictureError("The picture was closed.")


@dataclass
class _Scene:
    """One frame: what may be seen of it, at the smaller sizes too, and where the person is, if anybody looked."""

    image: I420Image
    pyramid: Pyramid | None = None
    mask: Mask | None = None
    _matte: Matte | None = None

    def matte(self, clock: StageClock) -> Matte:
        """The person's outline at full size."""
        if self._matte is None:
            if self.pyramid is None or self.mask is None:
                raise PictureError("There is no mask, so there is no matte.")
            with clock.stage("refine"):
                self._matte = matte_of(self.image, self.pyramid, self.mask)
        return self._matte

    def blurred(self, strength: int) -> I420Image:
        """The room around the person, blurred."""
        if self.pyramid is None or self.mask is None:
            raise PictureError("There is no mask, so nothing can be blurred.")
        return blurred_room(self.image, self.pyramid, self.mask, strength)


def _behind(frame: CapturedFrame, scene: _Scene, prepared: PreparedEffects) -> I420Image:
    if prepared.background is not None:
        return prepared.background.frame(scene.image.size, frame.captured_at_s)
    if isinstance(prepared.effects.background, BlurBackground):
        return scene.blurred(prepared.effects.background.strength)
    raise PictureError("There is no background, so there is no picture.")
