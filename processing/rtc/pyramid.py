"""One picture in several sizes, each made from the one above."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from av import VideoFrame
from numpy.typing import NDArray

from eyeline.processing.rtc.plane_pointers import PlanePointers
from eyeline.processing.rtc.simulcast_layers import SizePx

Plane: TypeAlias = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class PyramidLevel:
    """A picture in I420.

    Args:
        planes: Y of (height, width), U and V of half of that, `uint8`; rows may be longer than what is used of them.
    """

    planes: tuple[Plane, ...]

    @property
    def pointers(self) -> PlanePointers:
        """Where it lies."""
        addresses = [plane.__array_interface__["data"][0] for plane in self.planes]  # a tenth of the time of `.ctypes`
        return PlanePointers(addresses, [plane.strides[0] for plane in self.planes])


class Pyramid:
    """Scales by means over areas, which halves exactly; keeps its buffers, so levels count until the next picture."""

    def __init__(self) -> None:
        self._buffers: dict[SizePx, tuple[Plane, ...]] = {}

    def levels(self, frame: VideoFrame, sizes: Sequence[SizePx]) -> list[PyramidLevel]:
        """The picture in these sizes.

        Args:
            frame: In `yuv420p`.
            sizes: Lowest first.
        """
        wanted = set(sizes)
        self._buffers = {size_px: planes for size_px, planes in self._buffers.items() if size_px in wanted}
        above, above_px = _planes(frame), (frame.width, frame.height)
        made = []
        for size_px in reversed(sizes):
            if size_px != above_px:
                above, above_px = self._scaled(above, size_px), size_px
            made.append(PyramidLevel(above))
        return made[::-1]

    def _scaled(self, planes: tuple[Plane, ...], size_px: SizePx) -> tuple[Plane, ...]:
        width_px, height_px = size_px
        targets = self._buffers.get(size_px)
        if targets is None:
            shapes = ((height_px, width_px), (height_px // 2, width_px // 2), (height_px // 2, width_px // 2))
            targets = self._buffers[size_px] = tuple(np.empty(shape, np.uint8) for shape in shapes)
        for plane, target in zip(planes, targets, strict=True):
            cv2.resize(plane, (target.shape[1], target.shape[0]), dst=target, interpolation=cv2.INTER_AREA)
        return targets


def _planes(frame: VideoFrame) -> tuple[Plane, ...]:
    return tuple(
        np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width]
        for plane in frame.planes
    )
