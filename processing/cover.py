"""Filling a frame with a picture of another shape."""

from __future__ import annotations

import cv2

from eyeline.processing.frame import I420Image

MIDDLE_PERCENT = (50, 50)


def cover(image: I420Image, size_px: tuple[int, int], focus_percent: tuple[int, int] = MIDDLE_PERCENT) -> I420Image:
    """The picture at `size_px`, cut so that no bar stays; itself when it has that size.

    Args:
        image: Any shape.
        size_px: Even width and height.
        focus_percent: The point that is cut away last: right and down from the top left, 0..100.
    """
    if image.size == size_px:
        return image
    width_px, height_px = _largest_inside(image.size, size_px)
    left = _start(image.width_px, width_px, focus_percent[0])
    top = _start(image.height_px, height_px, focus_percent[1])
    result = I420Image.empty(*size_px)
    for plane, target in zip(image.planes, result.planes, strict=True):
        step = image.width_px // plane.shape[1]
        part = plane[top // step : (top + height_px) // step, left // step : (left + width_px) // step]
        shrinks = part.shape[1] > target.shape[1]
        cv2.resize(
            part,
            target.shape[::-1],
            dst=target,
            interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR,
        )
    return result


def _start(whole_px: int, part_px: int, focus_percent: int) -> int:
    """Where the part begins: even, with the focus in its middle where that is not beyond the border."""
    wanted_px = whole_px * focus_percent / 100 - part_px / 2
    return int(min(max(0.0, wanted_px), whole_px - part_px)) // 2 * 2


def _largest_inside(size_px: tuple[int, int], shape_px: tuple[int, int]) -> tuple[int, int]:
    """The largest even size of one shape inside another size."""
    scale = min(size_px[0] / shape_px[0], size_px[1] / shape_px[1])
    width_px, height_px = (max(2, round(side * scale / 2) * 2) for side in shape_px)
    return min(width_px, size_px[0]), min(height_px, size_px[1])
