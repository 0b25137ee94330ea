"""From the net's small mask to a full-size matte with a clean edge."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from eyeline.processing.frame import Plane

_SURELY_ROOM = 0.2
_SURELY_PERSON = 0.85


@dataclass(frozen=True, slots=True)
class Matte:
    """Soft opacity of the foreground, 0 (background) to 255 (foreground), for each sample of an I420 image.

    Args:
        width_px: Even.
        height_px: Even.
        data: `uint8`, shape `(width_px * height_px * 3 // 2,)`: for Y, then U, then V, packed as `I420Image.data`.
    """

    width_px: int
    height_px: int
    data: Plane

    @property
    def plane(self) -> Plane:
        """The full-size matte, a view of shape `(height, width)`."""
        return self.data[: self.width_px * self.height_px].reshape(self.height_px, self.width_px)


def full_size_matte(mask: NDArray[np.float32], width_px: int, height_px: int) -> Matte:
    """Enlarge a mask to a frame and sharpen its edge.

    Sharpening comes after enlarging: the edge then is as steep as the frame allows, not as the mask does.

    Args:
        mask: In [0, 1], any shape.
        width_px: Width of the frame, even.
        height_px: Height of the frame, even.
    """
    luma = width_px * height_px
    data = np.empty(luma * 3 // 2, np.uint8)
    levels = np.rint(mask * np.float32(255)).astype(np.uint8)
    _sharpen_into(data[:luma].reshape(height_px, width_px), levels)
    u_plane, v_plane = data[luma:].reshape(2, height_px // 2, width_px // 2)
    _sharpen_into(u_plane, levels)
    v_plane[:] = u_plane
    return Matte(width_px, height_px, data)


def small_alpha(mask: NDArray[np.float32], width_px: int, height_px: int) -> NDArray[np.float32]:
    """The sharpened mask in [0, 1] at a size near the mask's own, shape `(height_px, width_px)`."""
    small = cv2.resize(mask, (width_px, height_px), interpolation=cv2.INTER_LINEAR)
    return _smoothstep(np.asarray(small, np.float32))


def _sharpen_into(target: Plane, levels: Plane) -> None:
    cv2.resize(levels, target.shape[::-1], dst=target, interpolation=cv2.INTER_LINEAR)
    cv2.LUT(target, _SHARPENED, dst=target)


def _smoothstep(value: NDArray[np.float32]) -> NDArray[np.float32]:
    ramp = np.clip((value - np.float32(_SURELY_ROOM)) / np.float32(_SURELY_PERSON - _SURELY_ROOM), 0, 1)
    return np.asarray(ramp * ramp * (3 - 2 * ramp), np.float32)


_SHARPENED: Plane = np.rint(_smoothstep(np.arange(256, dtype=np.float32) / np.float32(255)) * 255).astype(np.uint8)
