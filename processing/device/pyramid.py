"""Frames of several people at the smaller sizes that are worked on: as `processing.pyramid`, on a device."""

from __future__ import annotations

from functools import cached_property

import torch
from torch import Tensor

from eyeline.processing.device.frames import FrameBatch
from eyeline.processing.device.sampling import (
    Span,
    area_weights,
    by_area,
    linear_weights,
    resized,
    sampled,
    whole_levels,
)
from eyeline.processing.pyramid import GRID_SIDE_PX, grid_size

_BLACK, _GREY = 16, 128


class DevicePyramid:
    """The smaller sizes of a batch of frames, made when first asked for.

    Args:
        frames: The frames.
    """

    def __init__(self, frames: FrameBatch) -> None:
        self._frames = frames

    @property
    def size(self) -> tuple[int, int]:
        """Of the frames: `(width_px, height_px)`."""
        return self._frames.width_px, self._frames.height_px

    @property
    def people(self) -> int:
        """How many frames."""
        return self._frames.people

    @property
    def device(self) -> torch.device:
        """Where they are."""
        return self._frames.packed.device

    @property
    def grid_size(self) -> tuple[int, int]:
        """`(columns, rows)` of the grid of masks."""
        return grid_size(*self.size)

    @cached_property
    def guide(self) -> tuple[Tensor, Tensor, Tensor]:
        """Y, U, V on the grid: `float32`, whole numbers, `(people, rows, columns)`."""
        return self.planes(*self.grid_size)

    def planes(self, columns: int, rows: int) -> tuple[Tensor, Tensor, Tensor]:
        """Y, U, V of the whole frames at another size, as `guide`."""
        y, u, v = (resized(plane, rows, columns) for plane in self._half)
        return y, u, v

    def rgb(self, sides: Tensor, used_rows: Tensor, rows: int, columns: int) -> Tensor:
        """A part of each frame, stretched, for a net.

        Args:
            sides: Left, top, right, bottom of the parts, in pixels of the frames: `int64`, `(people, 4)`.
            used_rows: How many rows a part takes, even: `float32`, `(people,)`; above and below is black.
            rows: Of the result, even.
            columns: Of the result, even.

        Returns:
            RGB, 0 to 255, whole numbers: `float32`, `(people, 3, rows, columns)`.
        """
        y = self._part(self._half[0], sides, used_rows, rows, columns)
        u, v = (self._part(plane, sides, used_rows / 2, rows // 2, columns // 2) for plane in self._half[1:])
        u, v = (plane.repeat_interleave(2, dim=1).repeat_interleave(2, dim=2) - _GREY for plane in (u, v))
        luma = (y - _BLACK).clamp(min=0) * 1.1640625
        rgb = torch.stack((luma + 1.5959 * v, luma - 0.813 * v - 0.391 * u, luma + 2.018 * u), dim=1)
        index = torch.arange(rows, device=sides.device) - ((rows - used_rows) / 2).floor()[:, None]
        inside = (index >= 0) & (index < used_rows[:, None])
        lowered = index.clamp(0, rows - 1).to(torch.int64)[:, None, :, None].expand(-1, 3, -1, columns)
        return whole_levels(rgb).gather(2, lowered) * inside[:, None, :, None]

    @cached_property
    def _half(self) -> tuple[Tensor, Tensor, Tensor]:
        y, u, v = (plane.to(torch.float32) for plane in self._frames.planes)
        if max(self.size) <= GRID_SIDE_PX:
            return y, u, v
        y, u, v = (
            whole_levels(by_area(plane, max(1, plane.shape[1] // 2), max(1, plane.shape[2] // 2)))
            for plane in (y, u, v)
        )
        return y, u, v

    def _part(self, plane: Tensor, sides: Tensor, used_rows: Tensor, rows: int, columns: int) -> Tensor:
        """The samples of a plane that the parts cover, stretched over the first rows of the result."""
        left, right = _covered(sides[:, 0], sides[:, 2], plane.shape[2], self.size[0])
        top, bottom = _covered(sides[:, 1], sides[:, 3], plane.shape[1], self.size[1])
        across, down = Span(left, right - left), Span(top, bottom - top)
        wide = Span.whole(columns, plane.device)
        tall = Span(torch.zeros_like(used_rows), used_rows)
        shrinks = (across.length >= 2 * columns) | (down.length >= 2 * used_rows)
        weights = []
        for span, target, axis, outputs in ((down, tall, 1, rows), (across, wide, 2, columns)):
            linear = linear_weights(span, plane.shape[axis], target, outputs)
            area = area_weights(span, plane.shape[axis], target, outputs)
            weights.append(torch.where(shrinks[:, None, None], area, linear))
        return whole_levels(sampled(plane, weights[0], weights[1]))


def _covered(first_px: Tensor, after_px: Tensor, samples: int, length_px: int) -> tuple[Tensor, Tensor]:
    """From the first to behind the last sample that pixels cover, at least partly."""
    first = first_px * samples // length_px
    after = -(-after_px * samples // length_px)
    return first.to(torch.float32), after.to(torch.float32)
