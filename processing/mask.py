"""Where the person is: the segmentation net on the whole frame, calmed over time.

The net sees RGB of one fixed shape (144x256 for the landscape net). A frame that is narrower than the net is
*stretched* to fill it, not letterboxed: on pictures with known mattes cut to 9:16, stretching gives IoU .94 where black
or grey bars give .37 and .81; at 4:3 .93 against .88 and .92. Only a frame wider than the net gets bars, which serve it
better (32:9: .78 against .58).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from eyeline.models.runtimes.base import Runtime
from eyeline.processing.errors import MaskError
from eyeline.processing.frame import I420Image
from eyeline.processing.temporal import ChangeGatedFilter

Mask = NDArray[np.float32]
"""Probability of person in [0, 1], shape `(rows, columns)`, spread over the whole frame."""


class PersonMask:
    """One stream's mask. Remembers the frames before, so each stream needs its own; used by one thread at a time.

    Args:
        runtime: Runs a net of input `(1, height, width, 3)` RGB in [0, 1] and output `(1, height, width, 1)`.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        _, self._height_px, self._width_px, _ = runtime.input_shape
        self._calm = ChangeGatedFilter()
        self._size_px = (0, 0)

    def update(self, image: I420Image) -> Mask:
        """The mask of the next frame.

        Returns:
            As wide as the net and as high, or less high for a frame wider than the net. Read-only.

        Raises:
            MaskError: The net gave no usable mask. What was remembered is forgotten.
            ModelError: The runtime failed.
        """
        if image.size != self._size_px:
            self.reset()
            self._size_px = image.size
        try:
            return self._calm.update(self._segment(image))
        except Exception:
            self.reset()
            raise

    def reset(self) -> None:
        """Forget the frames before."""
        self._calm.reset()

    def close(self) -> None:
        """Free the net."""
        self._runtime.close()

    def _segment(self, image: I420Image) -> Mask:
        rows = self._rows(image)
        top = (self._height_px - rows) // 2
        tensor = np.zeros((1, self._height_px, self._width_px, 3), np.float32)
        small = image.scaled(self._width_px, rows)
        rgb = cv2.cvtColor(small.data.reshape(rows * 3 // 2, self._width_px), cv2.COLOR_YUV2RGB_I420)
        np.multiply(rgb, np.float32(1 / 255), out=tensor[0, top : top + rows])
        return self._checked(self._runtime.run(tensor))[top : top + rows]

    def _rows(self, image: I420Image) -> int:
        """How many of the net's rows the frame takes, even."""
        rows = round(self._width_px * image.height_px / image.width_px / 2) * 2
        return max(2, min(self._height_px, rows))

    def _checked(self, output: NDArray[np.float32]) -> Mask:
        if output.size != self._height_px * self._width_px:
            raise MaskError(f"The segmentation net gave a mask of shape {output.shape}.")
        if not np.isfinite(output).all():
            raise MaskError("The segmentation net gave a mask that is not finite.")
        return np.clip(output.reshape(self._height_px, self._width_px), 0.0, 1.0)
