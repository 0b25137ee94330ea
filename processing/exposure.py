"""Making a person who sits in the dark brighter: gently, without clipping, and without anybody noticing when."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from eyeline.processing.frame import I420Image, Plane
from eyeline.processing.segmenter import Mask

_BLACK, _WHITE = 16, 235  # of luma in limited range
_SHARE = 0.9  # of the person, that is darker than what is measured: skin and cloth may be dark in good light
_BRIGHT_ENOUGH = 0.52
_COVERED = 0.04  # below, the lens is covered or the light is off: there is nothing to lift
_STRONGEST = 1.6
_SURELY_PERSON = 0.8
_LEAST_PERSON = 0.01  # of the frame
_EVERY_S = 0.2
_FOLLOW_S = 1.2
_DEAD_ZONE = 0.12
_STEP = 0.01  # of the strength; moves no level by more than one
_METER_COLUMNS, _METER_ROWS = 160, 90


class ExposureLift:
    """One stream's brightness. `lifted` and `meter` are called for each frame, by one thread.

    The curve is `x (1 + k) / (1 + k x)`: it leaves black and white where they are, so nothing is clipped, and lifts
    the darkest parts at most `1 + k` times. `k` follows what is measured within a second or two.
    """

    def __init__(self) -> None:
        self._wanted = self._strength = self._used = 0.0
        self._curve: Plane | None = None
        self._last_s: float | None = None
        self._metered_s = -math.inf

    @property
    def strength(self) -> float:
        """`k`; 0 leaves the picture as it is."""
        return self._used

    def lifted(self, image: I420Image) -> I420Image:
        """The image as bright as was found right so far; the image itself where nothing is to be done."""
        if self._curve is None:
            return image
        result = I420Image.empty(*image.size)
        cv2.LUT(image.y, self._curve, dst=result.y)
        result.data[image.y.size :] = image.data[image.y.size :]
        return result

    def meter(self, image: I420Image, mask: Mask, captured_at_s: float) -> None:
        """Look how bright the person is.

        Args:
            image: As it was before `lifted`.
            mask: Probability of person, of any shape, spread over the image.
            captured_at_s: Of the frame, on any steady clock.
        """
        passed_s = 0.0 if self._last_s is None else max(0.0, captured_at_s - self._last_s)
        self._last_s = captured_at_s
        if captured_at_s - self._metered_s >= _EVERY_S or captured_at_s < self._metered_s:
            self._metered_s = captured_at_s
            level = _person_level(image, mask)
            if level is not None and level > _COVERED:
                wanted = _strength_for(level)
                if wanted == 0 or abs(wanted - self._wanted) > _DEAD_ZONE:
                    self._wanted = wanted
        self._follow(passed_s)

    def _follow(self, passed_s: float) -> None:
        self._strength += (self._wanted - self._strength) * -math.expm1(-passed_s / _FOLLOW_S)
        if self._wanted == 0 and self._strength < _STEP:
            self._strength = 0.0
        if abs(self._strength - self._used) >= _STEP or (self._strength == 0) != (self._used == 0):
            self._used = self._strength
            self._curve = _curve(self._used) if self._used else None


def _strength_for(level: float) -> float:
    """The `k` that brings a level to what is bright enough, as far as that is gentle."""
    if level >= _BRIGHT_ENOUGH:
        return 0.0
    return min((_BRIGHT_ENOUGH - level) / (level * (1 - _BRIGHT_ENOUGH)), _STRONGEST)


def _curve(strength: float) -> Plane:
    levels = (np.arange(256) - _BLACK) / (_WHITE - _BLACK)
    shares = np.clip(levels, 0, 1)
    raised = shares * (1 + strength) / (1 + strength * shares)
    curve = np.rint(_BLACK + raised * (_WHITE - _BLACK))
    outside = (levels < 0) | (levels > 1)
    return np.where(outside, np.arange(256), curve).astype(np.uint8)


def _person_level(image: I420Image, mask: Mask) -> float | None:
    """How bright the brighter parts of the person are, 0..1; `None` where hardly anybody is there."""
    size = min(_METER_COLUMNS, image.width_px), min(_METER_ROWS, image.height_px)
    luma: NDArray[np.uint8] = np.asarray(cv2.resize(image.y, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    person = cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST) > _SURELY_PERSON
    if person.mean() < _LEAST_PERSON:
        return None
    return float((np.quantile(luma[person], _SHARE) - _BLACK) / (_WHITE - _BLACK))
