"""Light of the background on the person's edge, as it would fall there: what is bright shines around."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from eyeline.processing.frame import I420Image
from eyeline.processing.kernels.band_blend import ROOM
from eyeline.processing.kernels.light_wrap import lay_light
from eyeline.processing.refine import Matte, small_alpha
from eyeline.processing.segmenter import Mask

_REACH = 1 / 40  # of the frame's longer side: how far light comes into the person
_GLOW_PX = 16  # a background's light is told coarsely
_GLOW_CELLS = 5
_BLACK, _WHITE = 16, 235  # of luma in limited range
_NO_LIGHT = 1 / 512  # changes no sample
_BESIDE = np.ones((3, 3), np.uint8)


class LightWrap:
    """Remembers the light of the last background, since most stay as they are; used by one thread."""

    def __init__(self) -> None:
        self._behind: I420Image | None = None
        self._glow: NDArray[np.float32] = np.empty((0, 0, 3), np.float32)

    def lay_on(self, image: I420Image, behind: I420Image, matte: Matte, mask: Mask, strength: int) -> None:
        """Let the background's light fall on the person, in place.

        Args:
            image: The person before the background.
            behind: The background, of the same size.
            matte: The person's.
            mask: That the matte was made of.
            strength: 1 (hardly any) to 100.
        """
        rows, columns = mask.shape
        alpha = small_alpha(mask, columns, rows)
        side = 2 * round(max(mask.shape) * _REACH) + 1
        share = alpha * (1 - cv2.blur(alpha, (side, side), borderType=cv2.BORDER_REPLICATE))
        glow = self._glow_of(behind, columns, rows)
        share *= (glow[..., 0] - _BLACK) * np.float32(strength / 100 / (_WHITE - _BLACK))
        np.clip(share, 0, 1, out=share)
        lit = cv2.dilate((share > _NO_LIGHT).view(np.uint8), _BESIDE)
        lit[matte.kinds == ROOM] = 0
        light = np.empty((rows, columns, 4), np.float32)
        light[..., 0] = share
        np.multiply(glow, share[..., None], out=light[..., 1:])
        lay_light(light, np.asarray(lit, np.uint8), *image.planes)

    def _glow_of(self, behind: I420Image, columns: int, rows: int) -> NDArray[np.float32]:
        """Y, U, V of the background, without any detail: `float32`, `(rows, columns, 3)`."""
        if self._behind is not behind:
            self._behind, self._glow = behind, _glow(behind, columns, rows)
        return self._glow


def _glow(behind: I420Image, columns: int, rows: int) -> NDArray[np.float32]:
    size = max(1, behind.width_px // _GLOW_PX), max(1, behind.height_px // _GLOW_PX)
    small = cv2.merge([cv2.resize(plane, size, interpolation=cv2.INTER_AREA) for plane in behind.planes])
    soft = cv2.blur(small, (_GLOW_CELLS, _GLOW_CELLS), borderType=cv2.BORDER_REPLICATE).astype(np.float32)
    return np.asarray(cv2.resize(soft, (columns, rows), interpolation=cv2.INTER_LINEAR), np.float32)
