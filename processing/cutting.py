"""Cutting and turning the camera's picture, before anything else looks at it."""

from __future__ import annotations

import cv2

from eyeline.processing.box import Box
from eyeline.processing.frame import I420Image
from eyeline.processing.framing_spec import Crop


def cut(image: I420Image, crop: Crop | None, *, mirror: bool) -> I420Image:
    """The part that may be seen, its sides changed where that is asked for; the image itself where nothing is."""
    if crop is not None:
        image = part(image, crop_box(crop, *image.size))
    return mirrored(image) if mirror else image


def crop_box(crop: Crop, width_px: int, height_px: int) -> Box:
    """The part in pixels: even, and never more than was asked for, but at least 2 pixels."""
    left_px, right_px = _span(crop.left, crop.width, width_px)
    top_px, bottom_px = _span(crop.top, crop.height, height_px)
    return Box(left_px, top_px, right_px, bottom_px)


def part(image: I420Image, box: Box) -> I420Image:
    """A part of an image, with even corners; the image itself where that is all of it."""
    if box == Box.whole(*image.size):
        return image
    result = I420Image.empty(box.right_px - box.left_px, box.bottom_px - box.top_px)
    for step, source, target in zip((1, 2, 2), image.planes, result.planes, strict=True):
        target[:] = source[box.top_px // step : box.bottom_px // step, box.left_px // step : box.right_px // step]
    return result


def mirrored(image: I420Image) -> I420Image:
    """Left and right changed."""
    result = I420Image.empty(*image.size)
    for source, target in zip(image.planes, result.planes, strict=True):
        cv2.flip(source, 1, dst=target)
    return result


def _span(first_percent: int, percent: int, length_px: int) -> tuple[int, int]:
    first_px = -(-first_percent * length_px // 200) * 2
    after_px = (first_percent + percent) * length_px // 200 * 2
    if after_px <= first_px:
        first_px = min(first_px, length_px - 2)
        after_px = first_px + 2
    return first_px, after_px
