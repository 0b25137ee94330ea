"""How a person sits or stands in a picture, told from the mask, hardly touched by what the hands do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eyeline.processing.segmenter import Mask

_PERSON = 0.5
_LEAST = 0.01  # of the picture
_THIN = 0.3  # of the highest column: arms are long but thin
_CORE = 0.8  # of the rest, between the outer tenths
_HEAD_REACH = 0.3  # of the core's width, to each side of the middle
_HEAD_FILLED = 0.3  # of a row in there, that is person


@dataclass(frozen=True, slots=True)
class Stance:
    """Shares of the picture's width and height.

    Args:
        middle: Of the body, from the left.
        head: Top of the head, from the top.
        width: Of the body.
    """

    middle: float
    head: float
    width: float


def stance_of(mask: Mask) -> Stance | None:
    """The stance of whoever is in the picture, several people taken together; `None` where hardly anybody is."""
    person = mask > _PERSON
    rows, columns = person.shape
    heights = person.sum(axis=0)
    if heights.sum() < _LEAST * rows * columns:
        return None
    filled = np.cumsum(np.where(heights < _THIN * heights.max(), 0, heights))
    left, middle, right = np.searchsorted(filled, filled[-1] * np.array(((1 - _CORE) / 2, 0.5, (1 + _CORE) / 2)))
    reach = max(1, round(_HEAD_REACH * (right - left)))
    near = person[:, max(0, middle - reach) : middle + reach + 1].mean(axis=1)
    head = int(np.argmax(near > _HEAD_FILLED))
    return Stance(float(middle + 0.5) / columns, head / rows, float(right - left + 1) / columns / _CORE)
