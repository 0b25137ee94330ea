"""A picture in a frame of another shape, whole and in the middle, with black beside it."""

from __future__ import annotations

from eyeline.processing.frame import I420Image

_BLACK_YUV = (16, 128, 128)


def letterboxed(image: I420Image, width_px: int, height_px: int) -> I420Image:
    """The picture as large as it fits in an even size; itself where it has that size.

    Takes milliseconds: not for the event loop.
    """
    if image.size == (width_px, height_px):
        return image
    scale = min(width_px / image.width_px, height_px / image.height_px)
    fitted = image.scaled(_even(image.width_px * scale, width_px), _even(image.height_px * scale, height_px))
    if fitted.size == (width_px, height_px):
        return fitted
    frame = I420Image.filled(width_px, height_px, _BLACK_YUV)
    left, top = (width_px - fitted.width_px) // 4, (height_px - fitted.height_px) // 4  # of chroma samples
    for plane, target, step in zip(fitted.planes, frame.planes, (2, 1, 1), strict=True):
        rows, columns = plane.shape
        target[top * step : top * step + rows, left * step : left * step + columns] = plane
    return frame


def _even(side_px: float, limit_px: int) -> int:
    return min(limit_px, max(2, round(side_px / 2) * 2))
