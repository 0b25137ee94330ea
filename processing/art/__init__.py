"""Backgrounds that Eyeline draws itself, so that none has to be shipped or licensed.

Each painter draws a place as a camera with an open lens would show it behind a person: soft, lit from one side, calm in
the middle. That needs few lines, so all are drawn in a small size and enlarged; noise is added at the full size.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np

from eyeline.processing.art.canvas import Canvas
from eyeline.processing.art.city import night_city
from eyeline.processing.art.land import dusk, forest_haze, garden, mountains
from eyeline.processing.art.rooms import bookshelf, loft, paper, studio, sunlit_wall
from eyeline.processing.art.sky import aurora, beach
from eyeline.processing.frame import Plane
from eyeline.processing.gradient import dithered

PAINTERS: Mapping[str, Callable[[Canvas], None]] = {
    "aurora": aurora,
    "beach": beach,
    "bookshelf": bookshelf,
    "dusk": dusk,
    "forest-haze": forest_haze,
    "garden": garden,
    "loft": loft,
    "mountains": mountains,
    "night-city": night_city,
    "paper": paper,
    "studio": studio,
    "sunlit-wall": sunlit_wall,
}

_DRAWN_HEIGHT_PX = 540
_NOISE_LEVELS = 1.3


def painted(name: str, size_px: tuple[int, int]) -> Plane:
    """Draw a background; the same each time. Takes up to some tenths of a second.

    Args:
        name: One of `PAINTERS`.
        size_px: Width and height.

    Returns:
        `uint8` BGR of shape `(height, width, 3)`.

    Raises:
        KeyError: Not one of `PAINTERS`.
    """
    width_px, height_px = size_px
    canvas = Canvas((max(2, round(_DRAWN_HEIGHT_PX * width_px / height_px)), _DRAWN_HEIGHT_PX))
    PAINTERS[name](canvas)
    drawn = cv2.resize(canvas.pixels, size_px, interpolation=cv2.INTER_CUBIC)
    return dithered(np.asarray(drawn, np.float32), _NOISE_LEVELS)
