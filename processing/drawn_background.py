"""A background that is drawn by code at whatever size is asked for, without ever holding a frame up."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from eyeline.processing.frame import I420Image, Plane
from eyeline.processing.newest_picture import USUAL_PX
from eyeline.processing.picture_file import picture_image
from eyeline.processing.placement import COVER, Placement, placed

log = logging.getLogger(__name__)

_ENLARGED = 1.1
_OTHER_SHAPE = 0.03
_SIZES_KEPT = 4

Paint = Callable[[tuple[int, int]], Plane]
"""Draws at a width and height; `uint8` BGR of shape `(height, width, 3)`, the same each time."""


class DrawnBackground:
    """Drawn once in the usual size. Where that is too small or of another shape, it is shown cut until it is redrawn.

    Args:
        paint: Draws it; called in other threads than `frame` is, unless it is drawn at once.
        placement: How it stands in the frame until then.
        at_once: Draw within `frame`, so that the same frame gets the same picture each time.
    """

    trouble = ""

    def __init__(self, paint: Paint, placement: Placement = COVER, *, at_once: bool = False) -> None:
        self._paint = paint
        self._placement = placement
        self._at_once = at_once
        self._master = picture_image(paint(USUAL_PX))
        self._made: dict[tuple[int, int], I420Image] = {}
        self._painting: threading.Thread | None = None

    def frame(self, size_px: tuple[int, int], at_s: float) -> I420Image:
        """The picture; does not wait, unless it is to be drawn at once."""
        del at_s
        made = self._made.get(size_px)
        if made is not None:
            return made
        if not _is_redrawn(size_px):
            return self._keep(placed(self._master, size_px, self._placement))
        if self._at_once:
            return self._keep(picture_image(self._paint(size_px)))
        made = self._keep(placed(self._master, size_px, self._placement))
        self._redraw(size_px)
        return made

    def close(self) -> None:
        """Nothing runs for long."""

    def _redraw(self, size_px: tuple[int, int]) -> None:
        if self._painting is not None and self._painting.is_alive():
            return
        self._painting = threading.Thread(target=self._draw, args=(size_px,), name="draw-background", daemon=True)
        self._painting.start()

    def _draw(self, size_px: tuple[int, int]) -> None:
        try:
            self._keep(picture_image(self._paint(size_px)))
        except Exception:
            log.exception("the background could not be drawn at %dx%d", *size_px)

    def _keep(self, image: I420Image) -> I420Image:
        self._made = {**dict(list(self._made.items())[1 - _SIZES_KEPT :]), image.size: image}
        return image


def _is_redrawn(size_px: tuple[int, int]) -> bool:
    shape = size_px[0] / size_px[1] / (USUAL_PX[0] / USUAL_PX[1])
    return size_px[0] > USUAL_PX[0] * _ENLARGED or abs(shape - 1) > _OTHER_SHAPE
