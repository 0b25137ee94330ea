"""Which patches of masks are a person, for several people: as `processing.components`, on a device.

Every cell points to a cell of its patch with a number at least as large. In each round, what cells point to is hooked
to the largest that is seen next to them, and pointers are shortened; after few rounds nothing changes any more, where
spreading from neighbour to neighbour would take as many rounds as a patch is long.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from eyeline.processing import components as rules
from eyeline.processing.device.sampling import by_area
from eyeline.processing.device.windows import largest_around

_NOBODY = 0


def keep_people(masks: Tensor, support: Tensor | None) -> Tensor:
    """Remove patches that are no person. See `components.keep_person`.

    Args:
        masks: Probability of person: `float32`, `(people, rows, columns)`.
        support: The second opinion, of the same shape.

    Returns:
        The masks, zero where a patch was removed.
    """
    rows, columns = max(1, masks.shape[1] // 2), max(1, masks.shape[2] // 2)
    labels = patches(by_area(masks, rows, columns) > rules.ABOVE)
    cells = labels.flatten(1)
    counts = _summed(torch.ones_like(cells, dtype=masks.dtype), cells)
    counts[:, _NOBODY] = 0
    largest = counts.max(dim=1, keepdim=True)
    kept = counts >= rules.LEAST_SHARE * largest.values
    several = (kept & (counts > 0)).sum(dim=1, keepdim=True) > 1
    if support is not None:
        believed = _summed(by_area(support, rows, columns).flatten(1), cells) / counts.clamp(min=1)
        kept &= (believed >= rules.LEAST_SUPPORT) | ~several
    kept.scatter_(1, largest.indices, value=True)
    all_kept = (kept | (counts == 0)).all(dim=1)  # also where there is no patch at all
    kept[:, _NOBODY] = False
    keeping = kept.gather(1, cells).reshape(labels.shape).to(masks.dtype)
    grown = largest_around(keeping, 3)
    large = functional.interpolate(grown[:, None], size=masks.shape[1:], mode="nearest")[:, 0]
    return torch.where(all_kept[:, None, None], masks, masks * large)


def patches(person: Tensor) -> Tensor:
    """Label patches whose cells touch each other, at corners too.

    Args:
        person: `bool`, `(people, rows, columns)`.

    Returns:
        0 outside of patches, else a number that is the same all over the patch: `int64`, of the same shape.
    """
    people, rows, columns = person.shape
    inside = person.flatten(1)
    own = torch.arange(1, rows * columns + 1, device=person.device).expand(people, -1) * inside
    labels = torch.cat((torch.zeros_like(own[:, :1]), own), dim=1)  # label 0 points to itself
    while True:
        around = _largest_around(labels[:, 1:].reshape(person.shape)).flatten(1) * inside
        hooked = labels.scatter_reduce(1, labels[:, 1:], around, "amax")
        hooked[:, 0] = 0
        shorter = hooked.gather(1, hooked)
        shorter = shorter.gather(1, shorter)
        if torch.equal(shorter, labels):
            return labels[:, 1:].reshape(person.shape)
        labels = shorter


def _largest_around(labels: Tensor) -> Tensor:
    """The largest label of a cell and its eight neighbours."""
    padded = functional.pad(labels, (1, 1, 1, 1))
    wide = torch.maximum(torch.maximum(padded[:, :, :-2], padded[:, :, 1:-1]), padded[:, :, 2:])
    return torch.maximum(torch.maximum(wide[:, :-2], wide[:, 1:-1]), wide[:, 2:])


def _summed(values: Tensor, labels: Tensor) -> Tensor:
    """The sum of each label's values: `(people, cells + 1)`."""
    sums = torch.zeros(labels.shape[0], labels.shape[1] + 1, dtype=values.dtype, device=values.device)
    return sums.scatter_add_(1, labels, values)
