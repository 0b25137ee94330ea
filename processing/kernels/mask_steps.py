"""Steps on masks that take several passes in numpy, in one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eyeline.processing.kernels.compiled import compiled

Mask = NDArray[np.float32]


@compiled
def agree(closeup: Mask, veto: Mask, core: Mask, doubt: float, rise: float, agreed: Mask) -> tuple[float, float, float]:
    """`max(closeup * veto, min(core, (closeup - doubt) * rise))`, for each element.

    Args:
        closeup: `float32`, `(rows, columns)`, in [0, 1]; all masks have this shape.
        veto: At most this share of it stays.
        core: At least this is there, where `closeup` does not deny it.
        doubt: What `closeup` denies anything below.
        rise: How fast it stops to deny, above that.
        agreed: Filled.

    Returns:
        The sum of `closeup`, of `agreed`, and of how far they are apart.
    """
    least, slope, zero = np.float32(doubt), np.float32(rise), np.float32(0)
    total, kept, apart = np.float32(0), np.float32(0), np.float32(0)
    for row in range(closeup.shape[0]):
        seen, allowed, sure, target = closeup[row], veto[row], core[row], agreed[row]
        for x in range(target.size):
            settled = min(sure[x], max((seen[x] - least) * slope, zero))
            value = max(seen[x] * allowed[x], settled)
            target[x] = value
            total += seen[x]
            kept += value
            apart += abs(seen[x] - value)
    return float(total), float(kept), float(apart)


@compiled
def follow(state: Mask, mask: Mask, base: float, per_change: float, flush_below: float, followed: Mask) -> None:
    """`state + gain * (mask - state)` with `gain = min(1, base + per_change * |mask - state|)`, for each element.

    Args:
        state: `float32`, `(rows, columns)`; all masks have this shape.
        mask: What is new.
        base: The gain without a change.
        per_change: How much it grows with the change.
        flush_below: Values below become zero.
        followed: Filled.
    """
    least, slope, floor = np.float32(base), np.float32(per_change), np.float32(flush_below)
    one, zero = np.float32(1), np.float32(0)
    for row in range(state.shape[0]):
        old, new, target = state[row], mask[row], followed[row]
        for x in range(target.size):
            change = new[x] - old[x]
            value = old[x] + min(abs(change) * slope + least, one) * change
            target[x] = zero if value < floor else value
