"""The newest picture of something that moves, at the size that is asked for."""

from __future__ import annotations

from eyeline.processing.frame import I420Image
from eyeline.processing.placement import Placement, placed

USUAL_PX = (1280, 720)


class NewestPicture:
    """One thread puts pictures, another takes the newest one; neither waits.

    Args:
        first: Shown until the next one comes.
        placement: How pictures stand in the frame.
    """

    def __init__(self, first: I420Image, placement: Placement) -> None:
        self._placement = placement
        self._size_px = USUAL_PX
        # As it came, and as it is shown; one reference, so that they belong together.
        self._shown = first, placed(first, USUAL_PX, placement)

    def put(self, image: I420Image) -> None:
        """Show this from now on; it is placed here, in the thread that brings it."""
        self._shown = image, placed(image, self._size_px, self._placement)

    def at(self, size_px: tuple[int, int]) -> I420Image:
        """The newest one, of exactly this size."""
        shown = self._shown
        image, fitted = shown
        if fitted.size == size_px:
            return fitted
        self._size_px = size_px
        fitted = placed(image, size_px, self._placement)
        if self._shown is shown:  # else a newer one has come meanwhile
            self._shown = image, fitted
        return fitted
