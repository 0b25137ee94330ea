"""What the flow net of eyes sees, and what it says: sizes, order and meaning of all channels. Needs no torch.

The patch lies along the corners of an eye: they are `EYE_WIDTH_PX` apart, half-way between them is its middle. Flow
and landmarks have half its resolution; four channels that make up one of full resolution are its samples at the upper
left, upper right, lower left and lower right.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

PATCH_PX = (64, 48)
EYE_WIDTH_PX = 40.0
LID_COLUMNS = PATCH_PX[0] // 2
FADE_PX = 3.0
"""Over so many pixels at its edge nothing of the patch is left."""

# Channels that go in.
LUMA, CHROMA, UPPER, LOWER, FROM_IRIS, TO_IRIS, SHIFT, PLACE = 0, 4, 6, 7, 8, 9, 10, 12
CHANNELS_IN = 14
LUMA_BLACK, LUMA_RANGE, CHROMA_GREY, CHROMA_RANGE = 16.0, 219.0, 128.0, 112.0
LID_RANGE_PX = 10.0
IRIS_RANGE = 3.0  # radii
SHIFT_RANGE_PX = 5.0

# Channels that come out: of each layer two of flow and four of its share, one of light. The first layer moves skin, and
# fills what the eyeball leaves; the second moves the eyeball, and begins with the iris's own move.
LAYERS = 2
FLOW, LIGHT, SHARE = 0, 2 * LAYERS, 2 * LAYERS + 1
CHANNELS_OUT = SHARE + 4 * LAYERS
FLOW_RANGE_PX = 4.0
SHARE_RANGE = 8.0
LEAST_LIGHT, MOST_LIGHT = 0.4, 2.0

COLUMNS_PX = (2 * np.arange(LID_COLUMNS, dtype=np.float32)) + np.float32(0.5)
"""Where the net's columns lie in the patch."""


def lid_table(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Heights of a lid at the net's columns.

    Args:
        points: In pixels of the patch, from left to right: `(count, 2)`.
    """
    return np.asarray(np.interp(COLUMNS_PX, points[:, 0], points[:, 1]), np.float32)
