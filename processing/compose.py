"""Putting the person before something else, on I420 samples."""

from __future__ import annotations

import numpy as np

from eyeline.processing.frame import I420Image, Plane
from eyeline.processing.refine import Matte

_STRIP = 1 << 16  # samples at a time: scratch memory that stays in the cache, and is not mapped anew for each frame


def blend(foreground: I420Image, background: I420Image, matte: Matte) -> I420Image:
    """`foreground * alpha + background * (1 - alpha)`, rounded to the nearest.

    Where the matte is 255 the result is exactly the foreground, where it is 0 exactly the background. The three
    planes are packed alike in all arguments, so one pass over the buffers serves them all.

    Raises:
        ValueError: The sizes differ.
    """
    size = foreground.size
    if background.size != size or (matte.width_px, matte.height_px) != size:
        raise ValueError(f"cannot blend {size} with {background.size} by {matte.width_px}x{matte.height_px}")
    result = I420Image.empty(*size)
    for start in range(0, result.data.size, _STRIP):
        strip = slice(start, start + _STRIP)
        _blend_into(result.data[strip], foreground.data[strip], background.data[strip], matte.data[strip])
    return result


def _blend_into(result: Plane, foreground: Plane, background: Plane, alpha: Plane) -> None:
    total = np.multiply(foreground, alpha, dtype=np.uint16)
    total += np.multiply(background, np.bitwise_not(alpha), dtype=np.uint16)
    # round(total / 255) without leaving 16 bits
    total += 128
    total += total >> 8
    np.right_shift(total, 8, out=result, casting="unsafe")
