"""The still card: what a meeting sees whenever there is no processed picture to show."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from eyeline.processing.frame import I420Image, Plane

_TOP_BGR = (58, 44, 36)
_BOTTOM_BGR = (34, 26, 21)
_NAME_BGR = (236, 232, 228)
_NOTE_BGR = (170, 160, 150)
_MAX_NAME_CHARS = 60


class StillCard:
    """A calm card with a name and one line below it.

    Args:
        name: Who is behind the camera; any script that OpenCV's built-in font has.
        note: What is going on, in a few words.
    """

    def __init__(self, name: str, note: str = "Camera paused") -> None:
        self.name = name[:_MAX_NAME_CHARS]
        self.note = note

    def image(self, width_px: int, height_px: int) -> I420Image:
        """The card at an even size. Drawn once per size; takes milliseconds, so not for the event loop."""
        return _draw(self.name, self.note, width_px, height_px)


@lru_cache(maxsize=16)
def _draw(name: str, note: str, width_px: int, height_px: int) -> I420Image:
    ramp = np.linspace(0.0, 1.0, height_px, dtype=np.float32)[:, None, None]
    column = np.asarray(_TOP_BGR, np.float32) * (1 - ramp) + np.asarray(_BOTTOM_BGR, np.float32) * ramp
    bgr: Plane = np.ascontiguousarray(np.broadcast_to(column, (height_px, width_px, 3)).round(), np.uint8)
    _write_centred(bgr, name, height_px * 0.50, height_px * 0.085, _NAME_BGR)
    _write_centred(bgr, note, height_px * 0.62, height_px * 0.045, _NOTE_BGR)
    return I420Image.from_bgr(bgr)


def _write_centred(bgr: Plane, text: str, baseline_px: float, size_px: float, color: tuple[int, int, int]) -> None:
    if not text:
        return
    height_px, width_px = bgr.shape[:2]
    font = cv2.FontFace("sans")
    wanted = max(6, round(size_px))
    box = cv2.getTextSize((width_px, height_px), text, (0, 0), font, wanted, 400)
    fitted = max(6, min(wanted, int(wanted * width_px * 0.9 / max(1, box[2]))))
    box = cv2.getTextSize((width_px, height_px), text, (0, 0), font, fitted, 400)
    left = (width_px - box[2]) // 2
    cv2.putText(bgr, text, (max(0, left), round(baseline_px)), color, font, fitted, 400)
