"""Telling of another tier, and of the gaze correction, once, whoever makes the pictures."""

from __future__ import annotations

from collections.abc import Callable

from eyeline.processing.gaze.status import GazeStatus
from eyeline.processing.picture_status import PictureStatus
from eyeline.processing.tiers import TierChange


class TierWatch:
    """Used by one thread; the status may be read from any.

    Args:
        on_tier: Told of each change.
        on_gaze: Told when the correction begins or ends, and why; blinks are not worth telling.
    """

    def __init__(
        self, on_tier: Callable[[TierChange], None], on_gaze: Callable[[GazeStatus], None] = lambda _: None
    ) -> None:
        self._on_tier = on_tier
        self._on_gaze = on_gaze
        self.status = PictureStatus()

    def saw(self, status: PictureStatus) -> None:
        """Take the status after a frame."""
        before, self.status = self.status, status
        if status.tier is not before.tier:
            self._on_tier(TierChange(status.tier, status.why))
        if status.gaze.activity is not before.gaze.activity:
            self._on_gaze(status.gaze)
