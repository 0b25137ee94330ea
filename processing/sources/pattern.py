"""A moving test pattern: bars, a bouncing ball, the time and a frame counter."""

from __future__ import annotations

import math
import time
from functools import lru_cache

import cv2
import numpy as np

from eyeline.processing.frame import CapturedFrame, I420Image, Plane
from eyeline.processing.sources.fitting import Box
from eyeline.processing.sources.reader import WAIT_S

_BARS_BGR = (
    (204, 204, 204),
    (64, 192, 208),
    (208, 184, 64),
    (96, 176, 72),
    (176, 80, 184),
    (72, 72, 208),
    (192, 96, 64),
)
_DUSK_BGR = ((78, 44, 30), (150, 110, 92))
_BALL_YUV = (208, 84, 160)
_INK_Y = 228
_FONT = cv2.FONT_HERSHEY_DUPLEX
_BALL_PERIOD_S = 4.0


class PatternReader:
    """Draws the pattern at a steady rate.

    Args:
        box: Size and rate.
    """

    def __init__(self, box: Box) -> None:
        self._width_px = max(2, box.width_px // 2 * 2)
        self._height_px = max(2, box.height_px // 2 * 2)
        self._interval_s = 1 / box.fps
        self._due_s = 0.0
        self._number = 0

    def open(self) -> None:
        """Start the clock."""
        self._due_s = time.monotonic()

    def read(self) -> CapturedFrame | None:
        """The next picture at its time."""
        if not self.skip():
            return None
        image = draw_pattern(self._width_px, self._height_px, clock_s=time.time(), number=self._number)
        return CapturedFrame(image, time.monotonic())

    def skip(self) -> bool:
        """Let the time of one picture pass."""
        wait_s = self._due_s - time.monotonic()
        time.sleep(max(0.0, min(wait_s, WAIT_S)))
        if wait_s > WAIT_S:
            return False
        self._due_s = max(self._due_s, time.monotonic() - self._interval_s) + self._interval_s
        self._number += 1
        return True

    def close(self) -> None:
        """Nothing is held."""


def draw_pattern(width_px: int, height_px: int, *, clock_s: float, number: int) -> I420Image:
    """The pattern as it looks at one moment.

    Args:
        width_px: Even.
        height_px: Even.
        clock_s: Time to show, in seconds since the epoch; shown as UTC.
        number: Frame number to show.
    """
    backdrop = _backdrop(width_px, height_px)
    image = I420Image(width_px, height_px, backdrop.data.copy())
    _draw_ball(image, clock_s)
    _draw_text(image, clock_s, number)
    return image


@lru_cache(maxsize=2)
def _backdrop(width_px: int, height_px: int) -> I420Image:
    top, bottom = (np.array(color, np.float32) for color in _DUSK_BGR)
    shade = np.linspace(0, 1, height_px, dtype=np.float32)[:, None, None]
    picture = np.broadcast_to(top + (bottom - top) * shade, (height_px, width_px, 3)).astype(np.uint8)
    bars_top = height_px * 5 // 6
    for index, color in enumerate(_BARS_BGR):
        left, right = (width_px * (index + edge) // len(_BARS_BGR) for edge in (0, 1))
        picture[bars_top:, left:right] = color
    return I420Image.from_bgr(picture)


def _draw_ball(image: I420Image, clock_s: float) -> None:
    phase = clock_s % _BALL_PERIOD_S / _BALL_PERIOD_S
    radius_px = image.height_px / 12
    across = abs(2 * phase - 1)
    x_px = radius_px + across * (image.width_px - 2 * radius_px)
    y_px = image.height_px * 5 / 6 - radius_px - abs(math.sin(4 * math.pi * phase)) * image.height_px * 0.3
    for plane, value, scale in zip(image.planes, _BALL_YUV, (1.0, 0.5, 0.5), strict=True):
        _disc(plane, x_px * scale, y_px * scale, radius_px * scale, value)


def _disc(plane: Plane, x_px: float, y_px: float, radius_px: float, value: int) -> None:
    sixteenths = 4  # binary digits after the point
    center = (round(x_px * 16), round(y_px * 16))
    cv2.circle(plane, center, round(radius_px * 16), (value,), cv2.FILLED, cv2.LINE_AA, sixteenths)


def _draw_text(image: I420Image, clock_s: float, number: int) -> None:
    second = time.strftime("%H:%M:%S", time.gmtime(clock_s))
    clock = f"{second}.{int(clock_s % 1 * 1000):03d}"
    _center(image, clock, baseline=0.34, height=0.13)
    _center(image, f"frame {number}", baseline=0.46, height=0.05)


def _center(image: I420Image, text: str, *, baseline: float, height: float) -> None:
    thickness = max(1, round(image.height_px * height / 30))
    scale = cv2.getFontScaleFromHeight(_FONT, max(1, round(image.height_px * height)), thickness)
    (width_px, _), _ = cv2.getTextSize(text, _FONT, scale, thickness)
    left_px, bottom_px = (image.width_px - width_px) // 2, round(image.height_px * baseline)
    cv2.putText(image.y, text, (left_px, bottom_px), _FONT, scale, (_INK_Y,), thickness, cv2.LINE_AA)
