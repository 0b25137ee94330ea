"""Putting the person before something else, on I420 samples."""

from __future__ import annotations

from eyeline.processing.frame import I420Image
from eyeline.processing.kernels.band_blend import blend_planes
from eyeline.processing.refine import SURELY_PERSON, SURELY_ROOM, Matte


def blend(background: I420Image, matte: Matte) -> I420Image:
    """`frame * alpha + background * (1 - alpha)`, rounded to the nearest.

    Where the matte is 255 the result is exactly the frame, where it is 0 exactly the background. Only cells that hold
    an edge are computed; the others are copied.

    Raises:
        ValueError: The sizes differ.
    """
    frame = matte.image
    if background.size != frame.size:
        raise ValueError(f"cannot blend {frame.size} with {background.size}")
    result = I420Image.empty(*frame.size)
    blend_planes(
        *frame.planes, *background.planes, matte.lines, matte.kinds, SURELY_ROOM, SURELY_PERSON, *result.planes
    )
    return result
