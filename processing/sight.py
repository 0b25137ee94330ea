"""What is to be seen in the camera's picture, for whoever wonders why there is nobody."""

from __future__ import annotations

from enum import Enum

import numpy as np

from eyeline.processing.pyramid import Pyramid
from eyeline.processing.segmenter import Mask

_DARK, _WHITE = 32, 225  # of luma, of nearly every sample
_NEARLY_ALL = 0.98
_LEAST_PERSON = 0.002  # of the picture
_COLUMNS, _ROWS = 64, 36


class Sight(Enum):
    """In plain words."""

    NOT_LOOKED = ""
    PERSON = "a person is in the picture"
    NOBODY = "nobody is in the picture"
    DARK = "the camera's picture is black: its lens may be covered, or the light is off"
    WHITE = "the camera's picture is white: it may look into a light"


def sight_of(pyramid: Pyramid, mask: Mask) -> Sight:
    """What a frame shows.

    Args:
        pyramid: Of the frame.
        mask: On its grid.
    """
    if float(mask.mean()) >= _LEAST_PERSON:
        return Sight.PERSON
    columns, rows = pyramid.grid_size
    luma = pyramid.planes(min(_COLUMNS, columns), min(_ROWS, rows))[0]
    if float(np.quantile(luma, _NEARLY_ALL)) <= _DARK:
        return Sight.DARK
    return Sight.WHITE if float(np.quantile(luma, 1 - _NEARLY_ALL)) >= _WHITE else Sight.NOBODY
