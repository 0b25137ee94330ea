"""Telling of another tier once, whoever makes the pictures."""

from __future__ import annotations

from collections.abc import Callable

from eyeline.processing.picture_status import PictureStatus
from eyeline.processing.tiers import TierChange


class TierWatch:
    """Used by one thread; the status may be read from any.

    Args:
        on_tier: Told of each change.
    """

    def __init__(self, on_tier: Callable[[TierChange], None]) -> None:
        self._on_tier = on_tier
        self.status = PictureStatus()

    def saw(self, status: PictureStatus) -> None:
        """Take the status after a frame."""
        before, self.status = self.status, status
        if status.tier is not before.tier:
            self._on_tier(TierChange(status.tier, status.why))
