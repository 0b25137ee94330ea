"""Blurred rooms of several people: as `processing.blur`, on a device."""

from __future__ import annotations

import torch
from torch import Tensor

from eyeline.processing import blur as rules
from eyeline.processing.device.frames import FrameBatch
from eyeline.processing.device.pyramid import DevicePyramid
from eyeline.processing.device.sampling import sampled, stretched, whole_levels
from eyeline.processing.device.windows import largest_around
from eyeline.processing.refine import SURELY_PERSON, SURELY_ROOM

_REACH_SIGMAS = 4  # as OpenCV has it for floating point


def blurred_rooms(frames: FrameBatch, pyramid: DevicePyramid, masks: Tensor, strength: int) -> FrameBatch:
    """What is behind people, blurred without their own colours.

    Args:
        frames: The frames.
        pyramid: Of the frames.
        masks: `float32`, `(people, rows, columns)`.
        strength: 0 (the frames themselves) to 100.
    """
    if strength == 0:
        return frames
    grid = rules.blur_grid((frames.width_px, frames.height_px), strength)
    ramp = ((stretched(masks, grid.rows, grid.columns) - SURELY_ROOM) / (SURELY_PERSON - SURELY_ROOM)).clamp(0, 1)
    alpha = ramp * ramp * (3 - 2 * ramp)
    weight = (1 - largest_around(alpha, 3)).clamp(min=rules.LEAST_WEIGHT)
    down, across = (_gaussian(count, grid.sigma_cells, masks.device) for count in (grid.rows, grid.columns))
    share = sampled(weight, down, across)
    y, u, v = (
        whole_levels(sampled(plane * weight, down, across) / share) for plane in pyramid.planes(grid.columns, grid.rows)
    )
    small = (frames.height_px // 2, frames.width_px // 2)
    sizes = ((frames.height_px, frames.width_px), small, small)
    planes = (
        whole_levels(stretched(plane, *size)).to(torch.uint8) for plane, size in zip((y, u, v), sizes, strict=True)
    )
    return FrameBatch.of_planes(*planes)


def _gaussian(samples: int, sigma: float, device: torch.device) -> Tensor:
    """Weights of a blur, mirrored at the borders: `(1, samples, samples)`."""
    reach = (round(sigma * _REACH_SIGMAS * 2 + 1) | 1) // 2
    offsets = torch.arange(-reach, reach + 1, device=device)
    kernel = torch.exp(-(offsets.to(torch.float32) ** 2) / (2 * sigma**2))
    kernel = kernel / kernel.sum()
    at = torch.arange(samples, device=device)[:, None] + offsets
    period = max(1, 2 * (samples - 1))
    at = at.remainder(period)
    at = torch.minimum(at, period - at).clamp(max=samples - 1)
    weights = torch.zeros(samples, samples, device=device)
    return weights.scatter_add_(1, at, kernel.expand(samples, -1).contiguous())[None]
