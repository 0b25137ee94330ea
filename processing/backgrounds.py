"""What can stand behind the person: a colour, a picture, a video."""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from eyeline.processing.container import FileKind, read_header
from eyeline.processing.cover import cover
from eyeline.processing.effects import ColorBackground
from eyeline.processing.errors import BackgroundError, SourceError
from eyeline.processing.frame import I420Image, Plane, fit_within
from eyeline.processing.picture_file import check_picture_length, picture_image, read_picture
from eyeline.processing.video_background import LiveVideo, SteppedVideo, looped

MAX_PIXELS = 40_000_000
_MASTER_SIDE_PX = 2560
_SIZES_KEPT = 4


class Background(Protocol):
    """Something to put behind the person. Opened off the frame path, asked on it."""

    def frame(self, size_px: tuple[int, int], at_s: float) -> I420Image:
        """What to show; does not wait.

        Args:
            size_px: Even width and height of the picture.
            at_s: Capture time of the frame that it goes behind, on the monotonic clock.

        Returns:
            Of exactly that size; read-only.
        """

    def close(self) -> None:
        """End what runs, without waiting. `frame` may still be asked and then gives the last picture."""


class Pace(Enum):
    """Whose clock a video background follows."""

    LIVE = "live"
    EXACT = "exact"


class StillBackground:
    """A picture, or a colour, that does not move. Fitted once for each size.

    Args:
        master: As large as it will ever be needed.
    """

    def __init__(self, master: I420Image) -> None:
        self._fitted = lru_cache(_SIZES_KEPT)(lambda size_px: cover(master, size_px))

    def frame(self, size_px: tuple[int, int], at_s: float) -> I420Image:
        """The picture."""
        del at_s
        return self._fitted(size_px)

    def close(self) -> None:
        """Nothing runs."""


def color_background(color: ColorBackground) -> StillBackground:
    """One colour all over."""
    return still_background(np.full((2, 2, 3), (color.blue, color.green, color.red), np.uint8))


def still_background(bgr: Plane) -> StillBackground:
    """A picture given as `uint8` BGR of shape `(height, width, 3)`."""
    height_px, width_px = bgr.shape[:2]
    if max(width_px, height_px) > _MASTER_SIDE_PX:
        size_px = fit_within(width_px, height_px, _MASTER_SIDE_PX, _MASTER_SIDE_PX)
        bgr = np.asarray(cv2.resize(bgr, size_px, interpolation=cv2.INTER_AREA), np.uint8)
    return StillBackground(picture_image(bgr))


def open_file(path: Path, pace: Pace) -> Background:
    """A picture or video file. Blocks for as long as reading and decoding take.

    Raises:
        BackgroundError: The file is missing, neither picture nor video, damaged or too large.
    """
    try:
        return _opened(path, pace)
    except SourceError as error:
        raise BackgroundError(
            f"{error.message.removesuffix('.')}, so it cannot be a background.",
            hint=f"Use a picture of at most {MAX_PIXELS // 1_000_000} megapixels and 64 MB, or a video.",
        ) from error


def _opened(path: Path, pace: Pace) -> Background:
    if path.suffix.lower() in _PICTURE_SUFFIXES:
        check_picture_length(path)
    if read_header(path, max_pixels=MAX_PIXELS).kind is FileKind.PICTURE:
        return still_background(read_picture(path, max_pixels=MAX_PIXELS))
    frames = looped(path, max_pixels=MAX_PIXELS)
    return LiveVideo(frames) if pace is Pace.LIVE else SteppedVideo(frames)


_PICTURE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".avif", ".gif"})
