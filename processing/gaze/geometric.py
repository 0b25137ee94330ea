"""Eyes turned by geometry: the iris moves as one piece, the white follows, the lids go along."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from eyeline.processing.frame import I420Image
from eyeline.processing.gaze.eye_axes import EyeAxes
from eyeline.processing.gaze.warper import EyeMove, PixelBox
from eyeline.processing.kernels.eye_warp import EYE_NUMBERS, LID_STEPS, warp_eye
from eyeline.processing.kernels.face_geometry import lid_heights

_UPPER_WITH_IRIS, _UPPER_BENDS = 1.15, 0.09
"""Of the iris's way: lid and eye turn by the same angle (Becker and Fuchs, 1988, "Lid-eye coordination during vertical
gaze changes in man and monkey"), the lid 12.5 mm from the middle of the eyeball, the iris 10.5. Before the camera it is
3.6 mm above the middle of the iris (105 portraits); so it is seen to go farther below that than above."""
_LOWER_WITH_IRIS = (0.45, 0.85)  # as much of it as keeps the lid at the edge of the iris
_UPPER_REACH, _LOWER_REACH = 0.42, 0.34  # of the eye's width: how far from a lid the skin moves
_SOFT = 0.045  # of the eye's width: the blend across a lid's edge
_LEAST_SOFT_PX = 1.2
_PLACES = np.linspace(-1, 1, LID_STEPS, dtype=np.float32)


class GeometricWarper:
    """A `Warper` without weights."""

    def warp(self, image: I420Image, moves: Sequence[EyeMove]) -> I420Image:
        """See `Warper.warp`."""
        needed = [_Placed(move) for move in moves if move.is_seen]
        if not needed:
            return image
        changed = I420Image(image.width_px, image.height_px, image.data.copy())
        for placed in needed:
            box = placed.box(image)
            for plane, target, step in zip(image.planes, changed.planes, (1, 2, 2), strict=True):
                bounds = np.array([box.top, box.bottom, box.left, box.right], np.int64) // step
                warp_eye(plane, step, placed.numbers, placed.upper, placed.lower, bounds, target)
        return changed

    def boxes(self, image: I420Image, moves: Sequence[EyeMove]) -> list[PixelBox]:
        """See `Warper.boxes`."""
        return [_Placed(move).box(image) for move in moves]

    def close(self) -> None:
        """It holds nothing."""


class _Placed:
    """One eye in its own axes, as the kernel takes it."""

    def __init__(self, move: EyeMove) -> None:
        eye = move.eye
        self._axes = axes = EyeAxes(eye)
        self._half_width_px = half_width_px = axes.width_px / 2
        self.upper = self._lid(eye.points.upper)
        self.lower = np.maximum(self._lid(eye.points.lower), self.upper)
        iris, shift = axes.turned(eye.iris_px - axes.middle_px), axes.turned(move.shift_px)
        self.numbers = np.zeros(EYE_NUMBERS, np.float32)
        self.numbers[:] = (
            *axes.middle_px,
            axes.matrix[0, 0],
            axes.matrix[0, 1],
            half_width_px,
            *iris,
            eye.radius_px,
            *shift,
            (_UPPER_WITH_IRIS - _UPPER_BENDS * shift[1] / eye.radius_px) * shift[1],
            self._lower_shift(float(iris[0]), float(iris[1]), eye.radius_px, float(shift[1])),
            _UPPER_REACH * axes.width_px,
            _LOWER_REACH * axes.width_px,
            max(_LEAST_SOFT_PX, _SOFT * axes.width_px),
            move.cosines[0] / move.cosines[1],
        )

    def _lower_shift(self, iris_x: float, iris_y: float, radius_px: float, shift_px: float) -> float:
        """How far the lower lid goes along; none of the white is to appear under an iris that looks ahead."""
        least, most = (share * shift_px for share in _LOWER_WITH_IRIS)
        lid = float(np.interp(iris_x, _PLACES * self._half_width_px, self.lower))
        wanted = iris_y + shift_px + radius_px - lid
        return min(max(wanted, min(least, most)), max(least, most))

    def box(self, image: I420Image) -> PixelBox:
        """Everything that the kernel may change, cut to the frame."""
        half_width, reach = float(self.numbers[4]), float(self.numbers[12])
        lift = abs(float(self.numbers[10])) + 2
        top, bottom = float(self.upper.min()) - reach - lift, float(self.lower.max()) + float(self.numbers[13]) + lift
        return self._axes.box(image, (-half_width, half_width), (top, bottom))

    def _lid(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        heights = np.empty(LID_STEPS, np.float32)
        lid_heights(points, self._axes.middle_px, self._axes.matrix, self._half_width_px, heights)
        return heights
