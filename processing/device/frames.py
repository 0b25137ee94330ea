"""Pictures of several people on a device."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from eyeline.processing.frame import I420Image


@dataclass(frozen=True, slots=True)
class FrameBatch:
    """Pictures of one size, in I420: limited range, BT.601.

    Args:
        packed: Y, then U, then V of each: `uint8`, `(people, width_px * height_px * 3 / 2)`.
        width_px: Even.
        height_px: Even.
    """

    packed: Tensor
    width_px: int
    height_px: int

    @classmethod
    def upload(cls, images: Sequence[I420Image], device: torch.device) -> FrameBatch:
        """Copy pictures to a device, in one transfer.

        Raises:
            ValueError: There are none, or their sizes differ.
        """
        sizes = {image.size for image in images}
        if len(sizes) != 1:
            raise ValueError(f"a batch has one size, not {sorted(sizes)}")
        packed = torch.from_numpy(np.stack([image.data for image in images])).to(device)
        return cls(packed, *sizes.pop())

    def download(self) -> list[I420Image]:
        """Copy them back, in one transfer."""
        rows = self.packed.cpu().numpy()
        return [I420Image(self.width_px, self.height_px, np.ascontiguousarray(row)) for row in rows]

    @classmethod
    def of_planes(cls, y: Tensor, u: Tensor, v: Tensor) -> FrameBatch:
        """Pictures of three planes each: `uint8`, `(people, rows, columns)`."""
        packed = torch.cat([plane.flatten(1) for plane in (y, u, v)], dim=1)
        return cls(packed, y.shape[2], y.shape[1])

    @property
    def people(self) -> int:
        """How many pictures."""
        return self.packed.shape[0]

    @property
    def planes(self) -> tuple[Tensor, Tensor, Tensor]:
        """Views of Y, U, V: `uint8`, `(people, rows, columns)`."""
        luma = self.width_px * self.height_px
        y, u, v = torch.split(self.packed, [luma, luma // 4, luma // 4], dim=1)
        small = (-1, self.height_px // 2, self.width_px // 2)
        return y.reshape(-1, self.height_px, self.width_px), u.reshape(small), v.reshape(small)
