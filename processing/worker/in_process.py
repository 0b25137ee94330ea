"""The picture in a thread of this process: for tests, and where the net runs on a GPU."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from eyeline.processing.effects import EffectState
from eyeline.processing.frame import CapturedFrame, ProcessedFrame
from eyeline.processing.gaze.status import GazeStatus
from eyeline.processing.picture_status import PictureStatus
from eyeline.processing.pump import PicturePump
from eyeline.processing.stage_times import StageTimes
from eyeline.processing.tiers import TierChange
from eyeline.processing.worker.labelled import LabelledPicture
from eyeline.processing.worker.maker import OpenPicture
from eyeline.processing.worker.tier_watch import TierWatch
from eyeline.processing.worker.trouble_watch import TroubleWatch


class PictureThread:
    """A `PictureMaker` that nobody can restart: what hangs in here hangs for good, and the card is shown.

    Args:
        open_picture: Makes the picture.
        on_picture: Takes every picture, in the picture's thread.
        on_failure: Told, in that thread, of the first failure of a row.
        on_tier: Told, in that thread, of each change of how much work masks are worth.
        on_trouble: Told, in that thread, why the background is not as it should be; empty when it is again.
        on_gaze: Told, in that thread, when the gaze correction begins or ends, and why.
    """

    def __init__(
        self,
        open_picture: OpenPicture,
        *,
        on_picture: Callable[[ProcessedFrame], None],
        on_failure: Callable[[Exception], None] = lambda _: None,
        on_tier: Callable[[TierChange], None] = lambda _: None,
        on_trouble: Callable[[str], None] = lambda _: None,
        on_gaze: Callable[[GazeStatus], None] = lambda _: None,
    ) -> None:
        self._picture = open_picture()
        self._labelled = LabelledPicture(self._picture)
        self._on_picture = on_picture
        self._trouble_watch = TroubleWatch(on_trouble)
        self._tier_watch = TierWatch(on_tier, on_gaze)
        self._turn = threading.Lock()
        self._generation = 0
        self._newest_generation = 0
        self._effects: EffectState | None = None
        self._pump = PicturePump(self, on_picture=self._show, on_failure=on_failure)

    def __enter__(self) -> Self:
        self._pump.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """See `PictureMaker.close`."""
        self._pump.__exit__(None, None, None)
        self._picture.close()

    def offer(self, frame: CapturedFrame) -> None:
        """See `PictureMaker.offer`."""
        self._pump.offer(frame)

    def pause(self, paused: bool) -> None:
        """See `PictureMaker.pause`."""
        self._pump.pause(paused)

    def set_effects(self, effects: EffectState) -> None:
        """See `PictureMaker.set_effects`."""
        prepared = self._picture.prepare(effects)
        with self._turn:
            self._generation += 1
            self._labelled.apply(prepared, self._generation)
            self._effects = effects

    @property
    def effects(self) -> EffectState | None:
        """See `PictureMaker.effects`."""
        return self._effects

    @property
    def processed(self) -> int:
        """See `PictureMaker.processed`."""
        return self._pump.processed

    @property
    def dropped(self) -> int:
        """See `PictureMaker.dropped`."""
        return self._pump.dropped

    @property
    def restarts(self) -> int:
        """Never."""
        return 0

    @property
    def trouble(self) -> str:
        """See `PictureMaker.trouble`."""
        return self._picture.trouble

    @property
    def times(self) -> StageTimes:
        """See `PictureMaker.times`."""
        return self._picture.times

    @property
    def status(self) -> PictureStatus:
        """See `PictureMaker.status`."""
        return self._tier_watch.status

    def process(self, frame: CapturedFrame) -> ProcessedFrame | None:
        """For the pump: make the picture, in the picture's thread."""
        made = self._labelled.process(frame)
        self._tier_watch.saw(self._labelled.status)
        self._trouble_watch.saw(self._labelled.trouble)
        if made is None:
            return None
        processed, self._newest_generation = made
        return processed

    def _show(self, picture: ProcessedFrame) -> None:
        with self._turn:
            if self._newest_generation == self._generation:
                self._on_picture(picture)
