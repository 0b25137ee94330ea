"""How tall the pictures of a single stream are at a rate: the size gives way before pictures have to be left out."""

from __future__ import annotations

import math
from typing import Final

_HEIGHTS_PX: Final = (720, 540, 360, 270, 180)
# pixels, and below which rate so many are too many
_LEAST_BPS: Final = ((320 * 180, 0), (480 * 270, 130_000), (640 * 360, 220_000), (960 * 540, 400_000))
_LEAST_BPS_OF_720: Final = 600_000
_LEAST_BPS_OF_MORE: Final = 1_400_000
_MORE_TO_SPARE: Final = 1.3
_PATIENCE_S: Final = 4.0
_LONGEST_PATIENCE_S: Final = 60.0
_RELAPSE_S: Final = 15.0


class SizeLadder:
    """Goes down at once and up with patience: a step that had to be left soon is waited for twice as long."""

    def __init__(self) -> None:
        self._height_px: int | None = None
        self._enough_since_s: float | None = None
        self._raised_at_s = -math.inf
        self._patience_s = _PATIENCE_S

    def height_px(self, width_px: int, height_px: int, rate_bps: int, now_s: float) -> int:
        """How tall a picture is sent.

        Args:
            width_px: Of the picture as it is.
            height_px: Of the picture as it is.
            rate_bps: What there is for it.
            now_s: On a clock that never runs back.
        """
        steps = [height_px, *(each for each in _HEIGHTS_PX if each < height_px)]
        at = next((index for index, each in enumerate(steps) if each <= (self._height_px or height_px)), len(steps) - 1)
        sunk = at
        while sunk < len(steps) - 1 and rate_bps < _least_bps(width_px, height_px, steps[sunk]):
            sunk += 1
        if sunk > at:
            if now_s - self._raised_at_s < _RELAPSE_S:
                self._patience_s = min(_LONGEST_PATIENCE_S, self._patience_s * 2)
            self._enough_since_s = None
        elif at and rate_bps >= _least_bps(width_px, height_px, steps[at - 1]) * _MORE_TO_SPARE:
            self._enough_since_s = now_s if self._enough_since_s is None else self._enough_since_s
            if now_s - self._enough_since_s >= self._patience_s:
                sunk, self._raised_at_s, self._enough_since_s = at - 1, now_s, None
        else:
            self._enough_since_s = None
        self._height_px = steps[sunk]
        return self._height_px


def _least_bps(width_px: int, height_px: int, scaled_height_px: int) -> int:
    pixels = width_px * height_px * (scaled_height_px / height_px) ** 2
    if pixels > 1280 * 720:
        return _LEAST_BPS_OF_MORE
    return next((least_bps for most, least_bps in _LEAST_BPS if pixels <= most), _LEAST_BPS_OF_720)
