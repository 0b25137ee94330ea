"""Pictures of one size as pictures of another, with black bars where the shapes differ."""

from __future__ import annotations

from eyeline.processing.frame import I420Image

_BLACK_YUV = (16, 128, 128)


def letterboxed(image: I420Image, width_px: int, height_px: int) -> I420Image:
    """The whole image in the middle of one of this (even) size; itself where the size is the same."""
    if image.size == (width_px, height_px):
        return image
    inner_px = _inner_size(image.size, (width_px, height_px))
    inner = image.scaled(*inner_px)
    if inner_px == (width_px, height_px):
        return inner
    framed = I420Image.filled(width_px, height_px, _BLACK_YUV)
    left, top = ((width_px - inner_px[0]) // 4 * 2, (height_px - inner_px[1]) // 4 * 2)
    for plane, target, step in zip(inner.planes, framed.planes, (1, 2, 2), strict=True):
        rows, columns = plane.shape
        target[top // step : top // step + rows, left // step : left // step + columns] = plane
    return framed


def _inner_size(size_px: tuple[int, int], box_px: tuple[int, int]) -> tuple[int, int]:
    """The largest even size of the same shape that fits; what is less than two pixels short fills the box."""
    scale = min(box_px[0] / size_px[0], box_px[1] / size_px[1])
    return _even(size_px[0] * scale, box_px[0]), _even(size_px[1] * scale, box_px[1])


def _even(side: float, most: int) -> int:
    return most if side > most - 2 else max(2, int(side) // 2 * 2)
