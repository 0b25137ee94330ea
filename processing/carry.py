"""Carrying a mask along with the picture, instead of asking a net again.

Dense inverse search (Kroeger et al., "Fast Optical Flow using Dense Inverse Search", 2016) tells for each place where
it was a frame before. What it cannot explain is not trusted: there the person's edge is drawn in, and where that is
much, there is no mask at all.
"""

from __future__ import annotations

from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from eyeline.processing.frame import Plane
from eyeline.processing.pyramid import Pyramid
from eyeline.processing.segmenter import Mask

_Image = TypeVar("_Image", Plane, Mask)

_LEAST_SIDE_PX = 12  # OpenCV's own limit
_UNEXPLAINED = 30  # levels of luma
_UNTRUSTED_SHARE = 0.08  # of the person's surroundings: more, and the nets have to look
_PERSON = 0.1
_BLUR = (3, 3)
_AROUND = np.ones((9, 9), np.uint8)
_DRAWN_IN = np.ones((7, 7), np.uint8)


class MaskCarrier:
    """Remembers the last picture at half the grid's size; used by one thread."""

    def __init__(self) -> None:
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
        self._luma: Plane | None = None
        self._before: Plane | None = None

    def reset(self) -> None:
        """Forget the pictures before."""
        self._luma = self._before = None

    def see(self, pyramid: Pyramid) -> None:
        """Take the next frame; to be called for each one."""
        columns, rows = pyramid.grid_size
        self._before, self._luma = self._luma, pyramid.planes(max(1, columns // 2), max(1, rows // 2))[0]

    def carried(self, mask: Mask) -> Mask | None:
        """The mask of the frame before last seen, moved to where its parts are in the last one.

        Args:
            mask: Of the frame before, on the grid.

        Returns:
            `None` where the nets have to look: the picture changed by more than movement.
        """
        luma, before = self._luma, self._before
        if luma is None or before is None or before.shape != luma.shape or min(luma.shape) < _LEAST_SIDE_PX:
            return None
        flow = np.asarray(self._flow.calc(luma, before, np.zeros((*luma.shape, 2), np.float32)), np.float32)
        arrived = _moved(mask, _scaled(flow, mask.shape))
        unexplained = _unexplained(luma, _moved(before, flow))
        around = cv2.dilate((_at(arrived, luma.shape) > _PERSON).view(np.uint8), _AROUND) > 0
        if float(unexplained[around].mean() if around.any() else unexplained.mean()) > _UNTRUSTED_SHARE:
            return None
        doubted = cv2.resize(unexplained.view(np.uint8), mask.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
        drawn_in = cv2.erode(np.minimum(arrived, mask), _DRAWN_IN)  # whether it moved or not, this much is the person
        return np.where(cv2.dilate(doubted.view(np.uint8), _DRAWN_IN) > 0, drawn_in, arrived)


def _scaled(flow: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """The flow on another grid, in that grid's units."""
    rows, columns = shape
    factors = np.array((columns / flow.shape[1], rows / flow.shape[0]), np.float32)
    return np.asarray(cv2.resize(flow, (columns, rows), interpolation=cv2.INTER_LINEAR) * factors, np.float32)


def _at(mask: Mask, shape: tuple[int, ...]) -> Mask:
    return np.asarray(cv2.resize(mask, shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def _moved(image: _Image, flow: NDArray[np.float32]) -> _Image:
    rows, columns = image.shape
    xs, ys = np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32)[:, None]
    moved = np.empty_like(image)
    cv2.remap(image, flow[..., 0] + xs, flow[..., 1] + ys, cv2.INTER_LINEAR, moved, cv2.BORDER_REPLICATE)
    return moved


def _unexplained(luma: Plane, arrived: Plane) -> NDArray[np.bool_]:
    """Where the picture is not what it would be if the one before had only moved."""
    return np.asarray(cv2.blur(cv2.absdiff(luma, arrived), _BLUR) > _UNEXPLAINED)
