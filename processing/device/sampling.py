"""Resizing as a product of matrices: `rows @ plane @ columns`, so that every person's part may be another one.

The weights are those of OpenCV's `INTER_LINEAR` and `INTER_AREA`; its fixed point is not copied, which differs by one
level of 255 at most.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class Span:
    """For each person, a stretch of samples: both `float32`, `(people,)`."""

    first: Tensor
    length: Tensor

    @classmethod
    def whole(cls, samples: int, device: torch.device) -> Span:
        """All of them, for everybody."""
        return cls(torch.zeros(1, device=device), torch.full((1,), float(samples), device=device))


def linear_weights(part: Span, samples: int, target: Span, outputs: int) -> Tensor:
    """How much of each sample goes into each output, sampled linearly at the middles of pixels.

    Args:
        part: Of the samples, that is stretched over the target; nothing outside of it is mixed in.
        samples: How many there are.
        target: Of the outputs; those outside of it stay 0.
        outputs: How many there are.

    Returns:
        `float32`, `(people, outputs, samples)`.
    """
    at, inside = _places(part, target, outputs)
    first = part.first[:, None]
    at = torch.minimum(torch.maximum(at - 0.5, first), first + part.length[:, None] - 1)
    index = torch.arange(samples, device=at.device, dtype=at.dtype)
    weights = (1 - (at[..., None] - index).abs()).clamp(min=0)
    return weights * inside[..., None]


def area_weights(part: Span, samples: int, target: Span, outputs: int) -> Tensor:
    """As `linear_weights`, each output the mean of the samples that it covers: for shrinking."""
    middle, inside = _places(part, target, outputs)
    half = (part.length / target.length / 2)[:, None]
    index = torch.arange(samples, device=middle.device, dtype=middle.dtype)
    begin = torch.maximum((middle - half)[..., None], index)
    end = torch.minimum((middle + half)[..., None], index + 1)
    return (end - begin).clamp(min=0) / (2 * half)[..., None] * inside[..., None]


def _places(part: Span, target: Span, outputs: int) -> tuple[Tensor, Tensor]:
    """The middle of each output on the axis of samples, and whether it is in the target: `(people, outputs)`."""
    index = torch.arange(outputs, device=part.first.device, dtype=part.first.dtype) - target.first[:, None]
    scale = (part.length / target.length)[:, None]
    inside = (index >= 0) & (index < target.length[:, None])
    return part.first[:, None] + (index + 0.5) * scale, inside


def sampled(plane: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Planes `(people, samples, samples)` at other sizes, by weights from above."""
    return rows @ plane @ columns.transpose(1, 2)


def resized(plane: Tensor, rows: int, columns: int) -> Tensor:
    """Whole planes at another size, rounded, as the CPU's `Pyramid` does it: by area where it at least halves.

    Args:
        plane: `float32`, `(people, rows, columns)`, whole numbers.
        rows: Wanted.
        columns: Wanted.
    """
    if plane.shape[1:] == (rows, columns):
        return plane
    shrinks = plane.shape[1] >= 2 * rows or plane.shape[2] >= 2 * columns
    return whole_levels(by_area(plane, rows, columns) if shrinks else stretched(plane, rows, columns))


def by_area(plane: Tensor, rows: int, columns: int) -> Tensor:
    """Whole planes, shrunk by area."""
    if plane.shape[1] == 2 * rows and plane.shape[2] == 2 * columns:
        return functional.avg_pool2d(plane[:, None], 2)[:, 0]
    weights = []
    for samples, outputs in ((plane.shape[1], rows), (plane.shape[2], columns)):
        whole, target = Span.whole(samples, plane.device), Span.whole(outputs, plane.device)
        weights.append(area_weights(whole, samples, target, outputs))
    return sampled(plane, weights[0], weights[1])


def stretched(plane: Tensor, rows: int, columns: int) -> Tensor:
    """Whole planes, sampled linearly."""
    return functional.interpolate(plane[:, None], size=(rows, columns), mode="bilinear", align_corners=False)[:, 0]


def whole_levels(plane: Tensor) -> Tensor:
    """Rounded to the nearest of 0 to 255; still `float32`."""
    return (plane + 0.5).floor_().clamp_(0, 255)
