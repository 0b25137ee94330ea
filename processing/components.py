"""Which patches of a mask are the person."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.float32]

ABOVE = 0.3
LEAST_SHARE = 0.08  # of the largest patch: a second person, a raised hand
LEAST_SUPPORT = 0.5  # mean probability that another net must give a smaller patch
_LOYALTY = 1.6  # so many times larger must another person be to take over
_SOFT_EDGE = np.ones((3, 3), np.uint8)


def keep_person(mask: Mask, support: Mask | None) -> Mask:
    """Remove patches that are no person: lamps and plants that the net took for one.

    The largest patch stays; others stay when they are large enough and the second opinion agrees. Holes stay, small
    ones too: on pictures with known mattes, the net doubts an earring exactly as it doubts the room seen under an arm.

    Args:
        mask: Probability of person, `(rows, columns)`.
        support: The second opinion, of the same shape; without one all large patches stay.

    Returns:
        The mask, zero where a patch was removed.
    """
    rows, columns = mask.shape
    small = cv2.resize(mask, (max(1, columns // 2), max(1, rows // 2)), interpolation=cv2.INTER_AREA)
    person = (small > ABOVE).astype(np.uint8)
    count, labels, statistics, _ = cv2.connectedComponentsWithStats(person, connectivity=8)
    if count <= 1:
        return mask
    kept = _kept(np.asarray(labels, np.int32), np.asarray(statistics[1:, cv2.CC_STAT_AREA], np.int32), support)
    if kept.all():
        return mask
    keeping = cv2.dilate(np.concatenate(([False], kept)).astype(np.uint8)[labels], _SOFT_EDGE)
    mask = mask.copy()
    mask[cv2.resize(keeping, mask.shape[::-1], interpolation=cv2.INTER_NEAREST) == 0] = 0
    return mask


def nearest_person(mask: Mask, before: Mask | None) -> Mask:
    """The patch of one person alone: the largest, or the one of the frame before while that is nearly as large.

    Args:
        mask: Probability of person, `(rows, columns)`.
        before: The last result, of the same shape.

    Returns:
        The mask, zero outside of that patch. People who touch each other are one patch.
    """
    person = (mask > ABOVE).astype(np.uint8)
    count, labels, statistics, _ = cv2.connectedComponentsWithStats(person, connectivity=8)
    if count <= 2:
        return mask
    sizes = statistics[1:, cv2.CC_STAT_AREA].astype(np.float64)
    if before is not None and before.shape == mask.shape:
        shared = np.bincount(np.asarray(labels).ravel(), (before > ABOVE).ravel(), minlength=count)[1:]
        sizes[int(shared.argmax())] *= _LOYALTY if shared.any() else 1
    kept = (np.asarray(labels) == int(sizes.argmax()) + 1).astype(np.uint8)
    return np.where(cv2.dilate(kept, _SOFT_EDGE) > 0, mask, np.float32(0))


def _kept(labels: NDArray[np.int32], areas: NDArray[np.int32], support: Mask | None) -> NDArray[np.bool_]:
    kept = areas >= LEAST_SHARE * areas.max()
    if support is not None and kept.sum() > 1:
        small = cv2.resize(support, labels.shape[::-1], interpolation=cv2.INTER_AREA)
        kept &= np.bincount(labels.ravel(), small.ravel(), minlength=areas.size + 1)[1:] / areas >= LEAST_SUPPORT
    kept[int(areas.argmax())] = True
    return np.asarray(kept)
