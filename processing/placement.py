"""How a picture of one shape stands in a frame of another."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import cv2
import numpy as np

from eyeline.processing.cover import MIDDLE_PERCENT, cover
from eyeline.processing.frame import I420Image, fit_within

_BAR_BLUR = 0.035  # of the width
_BAR_LIGHT = 0.55
_BAR_SAMPLE_PX = 64


class Fill(Enum):
    """What happens where the shapes differ."""

    COVER = "cover"
    FIT = "fit"


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a background goes in the frame.

    Args:
        fill: Cut to fill the frame, or shown whole.
        focus_percent: The point that is cut away last: right and down from the top left, 0..100. For COVER.
    """

    fill: Fill = Fill.COVER
    focus_percent: tuple[int, int] = MIDDLE_PERCENT


COVER = Placement()


def placed(image: I420Image, size_px: tuple[int, int], placement: Placement = COVER) -> I420Image:
    """The picture at `size_px` (even width and height); itself when it has that size."""
    if image.size == size_px:
        return image
    if placement.fill is Fill.FIT:
        return _fitted(image, size_px)
    return cover(image, size_px, placement.focus_percent)


def _fitted(image: I420Image, size_px: tuple[int, int]) -> I420Image:
    """The whole picture before a dim, blurred one of itself, so that the bars belong to it."""
    result = _dim(image, size_px)
    scale = min(size_px[0] / image.width_px, size_px[1] / image.height_px)
    inside = image.scaled(*(max(2, round(side * scale / 2) * 2) for side in image.size))
    inside = inside.scaled(*fit_within(*inside.size, *size_px))
    left, top = ((outer - inner) // 4 * 2 for outer, inner in zip(size_px, inside.size, strict=True))
    for plane, target in zip(inside.planes, result.planes, strict=True):
        step = inside.width_px // plane.shape[1]
        target[top // step : top // step + plane.shape[0], left // step : left // step + plane.shape[1]] = plane
    return result


def _dim(image: I420Image, size_px: tuple[int, int]) -> I420Image:
    small_px = _BAR_SAMPLE_PX, max(2, round(_BAR_SAMPLE_PX * size_px[1] / size_px[0] / 2) * 2)
    small = cover(image, small_px)
    if small is image:
        small = I420Image(*small_px, image.data.copy())
    for plane, black in zip(small.planes, (16, 128, 128), strict=True):
        cv2.GaussianBlur(plane, (0, 0), max(0.5, _BAR_BLUR * plane.shape[1]), dst=plane)
        plane[:] = np.rint(black + (plane.astype(np.float32) - black) * _BAR_LIGHT)
    wide = I420Image.empty(*size_px)
    for plane, target in zip(small.planes, wide.planes, strict=True):
        cv2.resize(plane, target.shape[::-1], dst=target, interpolation=cv2.INTER_CUBIC)
    return wide
