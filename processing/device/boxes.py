"""The boxes that the close-up looks into, for several people: as `processing.box`, without asking the device."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from eyeline.processing import box as rules


@dataclass(frozen=True, slots=True)
class Boxes:
    """Parts of frames in pixels, and for whom there is one.

    Args:
        sides: Left, top, right, bottom: `int64`, `(people, 4)`.
        known: `bool`, `(people,)`.
    """

    sides: Tensor
    known: Tensor

    @classmethod
    def none(cls, people: int, device: torch.device) -> Boxes:
        """Nobody has one."""
        sides = torch.tensor((0, 0, 2, 2), device=device).repeat(people, 1)
        return cls(sides, torch.zeros(people, dtype=torch.bool, device=device))

    def otherwise(self, others: Boxes) -> Boxes:
        """These, and those of the others for whom there is none."""
        return Boxes(torch.where(self.known[:, None], self.sides, others.sides), self.known | others.known)

    def followed(self, wanted: Boxes) -> Boxes:
        """The boxes for the next frame: as they are while they serve. See `box.followed`."""
        slack = rules.SLACK * (self.sides[:, 2] - self.sides[:, 0])
        sticks_out = torch.cat((self.sides[:, :2] - wanted.sides[:, :2], wanted.sides[:, 2:] - self.sides[:, 2:]), 1)
        serves = (sticks_out <= slack[:, None]).all(dim=1)
        stays = serves & (_areas(self.sides) <= rules.TOO_LARGE * _areas(wanted.sides))
        return Boxes(torch.where(stays[:, None], self.sides, wanted.sides), self.known & wanted.known)


def boxes_around(masks: Tensor, width_px: int, height_px: int) -> Boxes:
    """Boxes with room to spare around people. See `box.box_around`.

    Args:
        masks: `float32`, `(people, rows, columns)`, spread over frames of this size.
        width_px: Of the frames.
        height_px: Of the frames.
    """
    person = masks > rules.SURELY
    exact = torch.float32 if masks.device.type == "mps" else torch.float64
    left, right = _extent(person.any(dim=1), width_px, exact)
    top, bottom = _extent(person.any(dim=2), height_px, exact)
    margin = rules.MARGIN * torch.maximum(right - left, bottom - top)
    left, right = (left - margin).clamp(min=0), (right + margin).clamp(max=width_px)
    top, bottom = (top - margin).clamp(min=0), (bottom + margin).clamp(max=height_px)
    side = torch.maximum(right - left, bottom - top)
    left_px, right_px = _span((left + right) / 2, side, width_px)
    top_px, bottom_px = _span((top + bottom) / 2, side, height_px)
    known = person.flatten(1).any(dim=1)
    sides = torch.stack((left_px, top_px, right_px, bottom_px), dim=1)
    return Boxes(torch.where(known[:, None], sides, Boxes.none(1, masks.device).sides), known)


def _extent(taken: Tensor, length_px: int, exact: torch.dtype) -> tuple[Tensor, Tensor]:
    """From the first to behind the last that is taken, in pixels; `(people, cells)` in."""
    cells = taken.shape[1]
    numbers = taken.to(torch.uint8)
    first = numbers.argmax(dim=1)
    after = cells - numbers.flip(1).argmax(dim=1)
    return first.to(exact) * (length_px / cells), after.to(exact) * (length_px / cells)


def _span(middle: Tensor, length: Tensor, limit_px: int) -> tuple[Tensor, Tensor]:
    length = length.clamp(max=limit_px)
    start = torch.minimum((middle - length / 2).clamp(min=0), limit_px - length)
    step = rules.STEP_PX
    first = start.to(torch.int64) // step * step
    after = -(-(start + length).round().to(torch.int64) // step) * step
    return first, after.clamp(max=limit_px)


def _areas(sides: Tensor) -> Tensor:
    return (sides[:, 2] - sides[:, 0]) * (sides[:, 3] - sides[:, 1])
