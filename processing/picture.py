"""The picture that others see: the one place where a captured frame becomes a processed one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from eyeline.processing.backgrounds import Background, Pace, color_background, open_file
from eyeline.processing.blur import blurred_room
from eyeline.processing.compose import blend
from eyeline.processing.effects import (
    BlurBackground,
    ColorBackground,
    EffectState,
    FileBackground,
    GalleryBackground,
    NoBackground,
)
from eyeline.processing.errors import PictureError
from eyeline.processing.frame import CapturedFrame, I420Image, ProcessedFrame
from eyeline.processing.gallery import Gallery
from eyeline.processing.mask import Mask, PersonMask
from eyeline.processing.refine import Matte, full_size_matte
from eyeline.processing.stage_times import StageClock, StageTimes


@dataclass(frozen=True, slots=True)
class PreparedEffects:
    """Effects with everything that they need, opened: `Picture.apply` cannot fail on them."""

    effects: EffectState
    mask: PersonMask | None
    background: Background | None

    def close(self) -> None:
        """Free what was opened, where it is not to be applied after all."""
        if self.background is not None:
            self.background.close()


class Picture:
    """Makes processed frames. A context manager: leaving it frees the net and the background.

    `process` belongs to one thread; everything else may be called from any. Until effects are applied, and whenever
    something fails, there is no picture at all: an error is raised, and nobody sees the room.

    Args:
        open_mask: Loads the net; called when effects first need it, in the thread that prepares them.
        gallery: Backgrounds by name.
        pace: Whose clock a video background follows.
    """

    def __init__(self, open_mask: Callable[[], PersonMask], gallery: Gallery, *, pace: Pace = Pace.LIVE) -> None:
        self._open_mask = open_mask
        self._gallery = gallery
        self._pace = pace
        self._lock = threading.Lock()
        self._loading = threading.Lock()
        self._closed = False
        self._mask: PersonMask | None = None
        self._prepared: PreparedEffects | None = None
        self._times = StageTimes()

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
    def times(self) -> StageTimes:
        """How long the stages take."""
        return self._times

    def prepare(self, effects: EffectState) -> PreparedEffects:
        """Open whatever effects need, while the picture goes on as it is. Blocks: not for the event loop.

        Raises:
            BackgroundError: The background is unknown or cannot be used.
            ModelError: The net cannot be had.
            PictureError: The picture was closed meanwhile.
        """
        background = self._opened(effects)
        try:
            mask = None if _shows_room(effects) else self._shared_mask()
        except Exception:
            if background is not None:
                background.close()
            raise
        return PreparedEffects(effects, mask, background)

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
        prepared, clock = self._current(), StageClock()
        cutout = _cut_out(frame.image, prepared.mask, clock) if prepared.mask else None
        return self._finished(frame, prepared, cutout, clock)

    def process_with_matte(self, frame: CapturedFrame) -> tuple[ProcessedFrame, Matte]:
        """As `process`, with the matte besides; finds the person whatever the effects are.

        Raises:
            PictureError: No effects were applied yet.
            ModelError: No mask could be had of this frame.
        """
        prepared, clock = self._current(), StageClock()
        cutout = _cut_out(frame.image, prepared.mask or self._shared_mask(), clock)
        return self._finished(frame, prepared, cutout, clock), cutout.matte

    def close(self) -> None:
        """Free the net and the background; no picture comes any more. Does not block."""
        with self._lock:
            self._closed = True
            prepared, self._prepared = self._prepared, None
            mask, self._mask = self._mask, None
        if prepared is not None:
            prepared.close()
        if mask is not None:
            mask.close()

    def _current(self) -> PreparedEffects:
        prepared = self._prepared
        if prepared is None:
            raise PictureError("No effects are applied, so there is no picture.")
        return prepared

    def _finished(
        self, frame: CapturedFrame, prepared: PreparedEffects, cutout: _Cutout | None, clock: StageClock
    ) -> ProcessedFrame:
        if _shows_room(prepared.effects):
            image = frame.image
            self._forget_person(cutout)
        elif cutout is None:
            raise PictureError("There is no matte, so there is no picture.")
        else:
            image = _composed(frame, prepared, cutout, clock)
        self._times = self._times.smoothed(clock.times())
        return ProcessedFrame(image, frame.captured_at_s)

    def _forget_person(self, cutout: _Cutout | None) -> None:
        """What the net saw last is stale by the time that it is needed again."""
        mask = self._mask
        if cutout is None and mask is not None:
            mask.reset()

    def _shared_mask(self) -> PersonMask:
        with self._loading:
            if self._mask is not None:
                return self._mask
            mask = self._open_mask()
            with self._lock:
                if not self._closed:
                    self._mask = mask
                    return mask
        mask.close()
        raise PictureError("The picture was closed.")

    def _opened(self, effects: EffectState) -> Background | None:
        match effects.background:
            case NoBackground() | BlurBackground():
                return None
            case ColorBackground() as color:
                return color_background(color)
            case FileBackground(path):
                return open_file(path, self._pace)
            case GalleryBackground(name):
                return self._gallery.open(name, self._pace)


@dataclass(frozen=True, slots=True)
class _Cutout:
    """The person in one frame, as the net found it and at full size."""

    mask: Mask
    matte: Matte


def _shows_room(effects: EffectState) -> bool:
    match effects.background:
        case NoBackground() | BlurBackground(strength=0):
            return True
        case _:
            return False


def _cut_out(image: I420Image, person: PersonMask, clock: StageClock) -> _Cutout:
    with clock.stage("mask"):
        mask = person.update(image)
    with clock.stage("refine"):
        return _Cutout(mask, full_size_matte(mask, *image.size))


def _composed(frame: CapturedFrame, prepared: PreparedEffects, cutout: _Cutout, clock: StageClock) -> I420Image:
    with clock.stage("background"):
        behind = _behind(frame, prepared, cutout)
    with clock.stage("compose"):
        return blend(frame.image, behind, cutout.matte)


def _behind(frame: CapturedFrame, prepared: PreparedEffects, cutout: _Cutout) -> I420Image:
    if prepared.background is not None:
        return prepared.background.frame(frame.image.size, frame.captured_at_s)
    if isinstance(prepared.effects.background, BlurBackground):
        return blurred_room(frame.image, cutout.mask, prepared.effects.background.strength)
    raise PictureError("There is no background, so there is no picture.")
