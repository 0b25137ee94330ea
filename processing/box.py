"""The part of a frame that a net looks at closely, following the person without trembling."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SURELY = 0.7  # between .6 and .8 nothing changes; at .5, things that a net half believes in make the box too large
MARGIN = 0.12  # of the person's longer side, on each side: hair and shoulders need to be seen whole
SLACK = 0.06  # of the box's side: how much of the margin may be used up before the box moves
TOO_LARGE = 1.8  # a box of so many times the area that is wanted is shrunk
STEP_PX = 8


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a frame, in pixels; `right_px` and `bottom_px` are just outside."""

    left_px: int
    top_px: int
    right_px: int
    bottom_px: int

    @property
    def area_px(self) -> int:
        """How many pixels it holds."""
        return (self.right_px - self.left_px) * (self.bottom_px - self.top_px)

    def holds(self, other: Box, slack_px: float) -> bool:
        """Whether the other lies inside, or sticks out by no more than `slack_px` on each side."""
        return (
            self.left_px - slack_px <= other.left_px
            and self.top_px - slack_px <= other.top_px
            and self.right_px + slack_px >= other.right_px
            and self.bottom_px + slack_px >= other.bottom_px
        )

    @classmethod
    def whole(cls, width_px: int, height_px: int) -> Box:
        """All of a frame."""
        return cls(0, 0, width_px, height_px)


def box_around(mask: NDArray[np.float32], width_px: int, height_px: int) -> Box | None:
    """A box with room to spare around the person, as square as the frame allows.

    Args:
        mask: Probability of person, `(rows, columns)`, spread over the frame.
        width_px: Of the frame.
        height_px: Of the frame.

    Returns:
        `None` when nobody is there.
    """
    person = mask > SURELY
    columns, rows = np.flatnonzero(person.any(axis=0)), np.flatnonzero(person.any(axis=1))
    if not columns.size:
        return None
    cell_x, cell_y = width_px / mask.shape[1], height_px / mask.shape[0]
    left, right = columns[0] * cell_x, (columns[-1] + 1) * cell_x
    top, bottom = rows[0] * cell_y, (rows[-1] + 1) * cell_y
    margin = MARGIN * max(right - left, bottom - top)
    left, right = max(0.0, left - margin), min(float(width_px), right + margin)
    top, bottom = max(0.0, top - margin), min(float(height_px), bottom + margin)
    side = max(right - left, bottom - top)
    left_px, right_px = _span((left + right) / 2, side, width_px)
    top_px, bottom_px = _span((top + bottom) / 2, side, height_px)
    return Box(left_px, top_px, right_px, bottom_px)


def followed(box: Box, wanted: Box) -> Box:
    """The box for the next frame: as it is while it serves, so that the net sees a steady picture."""
    serves = box.holds(wanted, SLACK * (box.right_px - box.left_px))
    return box if serves and box.area_px <= TOO_LARGE * wanted.area_px else wanted


def _span(middle: float, length: float, limit_px: int) -> tuple[int, int]:
    """`length` around `middle`, moved and cut to lie within 0 and the limit, in whole steps."""
    length = min(length, limit_px)
    start = min(max(0.0, middle - length / 2), limit_px - length)
    first = int(start) // STEP_PX * STEP_PX
    return first, min(limit_px, -(-round(start + length) // STEP_PX) * STEP_PX)
