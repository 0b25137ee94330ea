"""Mattes of several people: the colour guided filter of `processing.refine`, on a device."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from eyeline.processing.device.frames import FrameBatch
from eyeline.processing.device.pyramid import DevicePyramid
from eyeline.processing.device.sampling import stretched
from eyeline.processing.device.windows import box_means, largest_around
from eyeline.processing.kernels.band_blend import MIXED, PERSON, ROOM
from eyeline.processing.kernels.guided_filter import NO_EDGE
from eyeline.processing.refine import (
    EPSILON,
    PERSON_ALL_AROUND,
    ROOM_ALL_AROUND,
    SURELY_PERSON,
    SURELY_ROOM,
    filter_radius,
)

_GREY = 128


@dataclass(frozen=True, slots=True)
class DeviceMatte:
    """How mattes follow from frames.

    Args:
        lines: Slopes by Y, U, V, and offset, on the grid: `float32`, `(people, 4, rows, columns)`.
        kinds: `ROOM`, `MIXED` or `PERSON` for each cell: `uint8`, `(people, rows, columns)`.
    """

    lines: Tensor
    kinds: Tensor

    def alpha(self, frames: FrameBatch) -> Tensor:
        """The mattes at full size, 0 to 255: `int32`, `(people, height, width)`.

        Blocks of two by two samples share a line, as on the CPU.
        """
        height, width = frames.height_px, frames.width_px
        y, u, v = ((plane.to(torch.float32) - _GREY) / 255 for plane in frames.planes)
        shape = (frames.people, 4, height // 2, width // 2)
        lines = stretched(self.lines.flatten(0, 1), *shape[2:]).reshape(shape)
        slope = 1 / (SURELY_PERSON - SURELY_ROOM)
        base = (lines[:, 1] * u + lines[:, 2] * v + lines[:, 3] - SURELY_ROOM) * slope
        luma = y.reshape(-1, height // 2, 2, width // 2, 2)
        ramp = (luma * (lines[:, 0] * slope)[:, :, None, :, None] + base[:, :, None, :, None]).clamp(0, 1)
        mixed = (ramp * ramp * (3 - 2 * ramp) * 255 + 0.5).to(torch.int32)
        kinds = self._kinds_of_blocks(height, width)[:, :, None, :, None]
        alpha = torch.where(kinds == MIXED, mixed, torch.where(kinds == PERSON, 255, 0).to(torch.int32))
        return alpha.reshape(-1, height, width)

    def _kinds_of_blocks(self, height: int, width: int) -> Tensor:
        """For each block of two by two samples, the kind of the cell that it counts to: see `kernels.band_blend`."""
        rows, columns = self.kinds.shape[1:]
        device = self.kinds.device
        row = ((torch.arange(0, height, 2, device=device) + 1) * rows // height).clamp(max=rows - 1)
        begins = (torch.arange(1, columns, device=device) * width // columns) // 2
        column = torch.searchsorted(begins, torch.arange(width // 2, device=device), right=True)
        return self.kinds[:, row][:, :, column]


def mattes_of(pyramid: DevicePyramid, masks: Tensor) -> DeviceMatte:
    """The mattes of a batch of frames.

    Args:
        pyramid: Of the frames.
        masks: On its grid: `float32`, `(people, rows, columns)`.
    """
    radius = filter_radius(max(masks.shape[1:]))
    lines = box_means(_local_lines(pyramid, masks, radius), radius)
    return DeviceMatte(lines, _kinds(masks, radius))


def _local_lines(pyramid: DevicePyramid, masks: Tensor, radius: int) -> Tensor:
    """For each cell, the line from colour to mask that fits best around it, by cofactors as on the CPU."""
    a, b, c = ((plane - _GREY) / 255 for plane in pyramid.guide)
    p = masks
    products = (a, b, c, p, a * p, b * p, c * p, a * a, a * b, a * c, b * b, b * c, c * c)
    means = box_means(torch.stack(products, dim=1), radius)
    y, u, v, p, yp, up, vp, yy, yu, yv, uu, uv, vv = means.unbind(dim=1)
    yp, up, vp = yp - y * p, up - u * p, vp - v * p
    yy, yu, yv = yy - y * y + EPSILON, yu - y * u, yv - y * v
    uu, uv, vv = uu - u * u + EPSILON, uv - u * v, vv - v * v + EPSILON
    c00, c01, c02 = uu * vv - uv * uv, yv * uv - yu * vv, yu * uv - yv * uu
    c11, c12, c22 = yy * vv - yv * yv, yu * yv - yy * uv, yy * uu - yu * yu
    inverse = 1 / (yy * c00 + yu * c01 + yv * c02)
    inverse = torch.where((p < NO_EDGE) | (p > 1 - NO_EDGE), 0.0, inverse)
    by_y = (c00 * yp + c01 * up + c02 * vp) * inverse
    by_u = (c01 * yp + c11 * up + c12 * vp) * inverse
    by_v = (c02 * yp + c12 * up + c22 * vp) * inverse
    return torch.stack((by_y, by_u, by_v, p - by_y * y - by_u * u - by_v * v), dim=1)


def _kinds(masks: Tensor, radius: int) -> Tensor:
    side = 2 * radius + 3

    def touched(cells: Tensor) -> Tensor:
        return largest_around(cells.to(masks.dtype), side) > 0

    person, room = ~touched(masks <= PERSON_ALL_AROUND), ~touched(masks >= ROOM_ALL_AROUND)
    kinds = torch.full(masks.shape, MIXED, dtype=torch.uint8, device=masks.device)
    return kinds.masked_fill(person, PERSON).masked_fill(room, ROOM)
