"""What every warper takes and gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from eyeline.processing.frame import I420Image
from eyeline.processing.gaze.estimate import Eye

_LEAST_SHIFT_PX = 0.02


@dataclass(frozen=True, slots=True)
class EyeMove:
    """One eye and where its iris is to be.

    Args:
        eye: As it was measured in the frame that is warped.
        shift_px: Of the iris: `(2,)`, in pixels of the frame.
        cosines: Of the gaze's angle across, before and after: how much narrower the iris is seen.
    """

    eye: Eye
    shift_px: NDArray[np.float32]
    cosines: tuple[float, float] = (1.0, 1.0)

    @property
    def is_seen(self) -> bool:
        """Whether it is far enough to change anything."""
        return float(np.abs(self.shift_px).max()) >= _LEAST_SHIFT_PX


@dataclass(frozen=True, slots=True)
class PixelBox:
    """What a warp may change, in luma pixels, even; `right` and `bottom` are just outside."""

    left: int
    top: int
    right: int
    bottom: int


class Warper(Protocol):
    """Turns eyes; used by one thread."""

    def warp(self, image: I420Image, moves: Sequence[EyeMove]) -> I420Image:
        """A new picture, bit for bit the same outside of the eyes' boxes; the old one where there are no moves."""

    def boxes(self, image: I420Image, moves: Sequence[EyeMove]) -> list[PixelBox]:
        """What `warp` may change."""

    def close(self) -> None:
        """Free what it holds."""
