"""Eyes turned by a small network of our own: it says where pixels come from and what is no eye, and paints nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from eyeline.models.nets import eye_patch as patch
from eyeline.models.registry import EYE_FLOW
from eyeline.models.runtimes.base import Runtime
from eyeline.models.runtimes.litert import LiteRtRuntime
from eyeline.models.shipped import shipped_file
from eyeline.processing.frame import I420Image
from eyeline.processing.gaze.eye_axes import EyeAxes
from eyeline.processing.gaze.face_nets import TrackingError
from eyeline.processing.gaze.warper import EyeMove, PixelBox
from eyeline.processing.kernels.eye_flow import EYE_NUMBERS, PRESENCE, move_eye, see_eye

_ALL_THERE_PX = 0.8  # of the patch: a smaller shift is blended in, so that nothing begins with a step


class LearnedWarper:
    """A `Warper` with weights.

    Args:
        net: As `models/nets/eye_flow.py` defines it, for two eyes; it owns it.
    """

    def __init__(self, net: Runtime) -> None:
        self._net = net
        self._seen = np.zeros(net.input_shape, np.float32)

    @classmethod
    def load(cls, weights: Path | None = None) -> Self:
        """With the weights that come with Eyeline, or others.

        Raises:
            ModelError: They cannot be loaded.
        """
        return cls(LiteRtRuntime(weights or shipped_file(EYE_FLOW)))

    def warp(self, image: I420Image, moves: Sequence[EyeMove]) -> I420Image:
        """See `Warper.warp`.

        Raises:
            ModelError: The runtime failed.
            TrackingError: The net gave no usable values.
        """
        needed = [_Placed(move) for move in moves if move.is_seen]
        if not needed:
            return image
        changed = I420Image(image.width_px, image.height_px, image.data.copy())
        eyes = len(self._seen)
        for first in range(0, len(needed), eyes):
            self._change(image, needed[first : first + eyes], changed)
        return changed

    def _change(self, image: I420Image, eyes: Sequence[_Placed], changed: I420Image) -> None:
        for placed, seen in zip(eyes, self._seen, strict=False):
            see_eye(image.y, image.u, image.v, placed.numbers, placed.upper, placed.lower, seen)
        said = self._net.run(self._seen)
        if not np.isfinite(said).all():
            raise TrackingError("The net of eyes gave values that are not finite.")
        for placed, words in zip(eyes, said, strict=False):
            box = placed.box(image)
            for plane, target, step in zip(image.planes, changed.planes, (1, 2, 2), strict=True):
                bounds = np.array([box.top, box.bottom, box.left, box.right], np.int64) // step
                move_eye(plane, step, placed.numbers, words, bounds, target)

    def boxes(self, image: I420Image, moves: Sequence[EyeMove]) -> list[PixelBox]:
        """See `Warper.boxes`."""
        return [_Placed(move).box(image) for move in moves]

    def close(self) -> None:
        """Free the net."""
        self._net.close()


class _Placed:
    """One eye in its patch, as the kernels take it."""

    def __init__(self, move: EyeMove) -> None:
        eye = move.eye
        self._axes = axes = EyeAxes(eye)
        self._scale = axes.width_px / patch.EYE_WIDTH_PX
        self.upper, self.lower = self._lid(eye.points.upper), self._lid(eye.points.lower)
        shift = axes.turned(move.shift_px) / np.float32(self._scale)
        self.numbers = np.zeros(EYE_NUMBERS, np.float32)
        self.numbers[:PRESENCE] = (
            *axes.middle_px,
            axes.matrix[0, 0],
            axes.matrix[0, 1],
            self._scale,
            *self._in_patch(eye.iris_px[None])[0],
            max(eye.radius_px / self._scale, 1.0),
            *shift,
        )
        self.numbers[PRESENCE] = min(1.0, float(np.hypot(*shift)) / _ALL_THERE_PX)

    def box(self, image: I420Image) -> PixelBox:
        """All of the patch, cut to the frame."""
        across, down = ((count - 1) / 2 * self._scale for count in patch.PATCH_PX)
        return self._axes.box(image, (-across, across), (-down, down))

    def _in_patch(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        middle = (np.array(patch.PATCH_PX, np.float32) - np.float32(1)) / np.float32(2)
        turned = self._axes.turned(points - self._axes.middle_px) / np.float32(self._scale)
        return np.asarray(turned + middle, np.float32)

    def _lid(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        own = self._in_patch(points)
        return patch.lid_table(own[np.argsort(own[:, 0])])
