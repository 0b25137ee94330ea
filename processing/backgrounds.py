"""What can stand behind the person: colours, a picture, a video, a live stream, a screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from eyeline.processing.container import FileKind, read_header
from eyeline.processing.drawn_background import DrawnBackground, Paint
from eyeline.processing.effects import ColorBackground, GradientBackground
from eyeline.processing.errors import BackgroundError, SourceError
from eyeline.processing.frame import I420Image, Plane, fit_within
from eyeline.processing.gradient import gradient
from eyeline.processing.live_background import LiveBackground
from eyeline.processing.loop import looped
from eyeline.processing.newest_picture import USUAL_PX
from eyeline.processing.picture_file import check_picture_length, picture_image, read_picture
from eyeline.processing.placement import COVER, Placement, placed
from eyeline.processing.sources.fitting import Box
from eyeline.processing.sources.reader import FrameReader
from eyeline.processing.sources.screen import ScreenReader
from eyeline.processing.sources.spec import ScreenSpec, StreamSpec
from eyeline.processing.sources.stream import StreamReader
from eyeline.processing.video_background import LiveVideo, SteppedVideo
from eyeline.processing.watched_file import WatchedFile
from eyeline.processing.webp_animation import is_animated_webp

MAX_PIXELS = 40_000_000
_MASTER_SIDE_PX = 2560
_SIZES_KEPT = 4
_HEAD_BYTES = 30
_LIVE_BOX = Box(1920, 1080, 30)
_SCREEN_BOX = Box(1920, 1080, 15)


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

    @property
    def trouble(self) -> str:
        """Why it does not show what it should; empty while it does. Whatever it is, `frame` gives a picture."""

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
        placement: How it stands in the frame.
    """

    trouble = ""

    def __init__(self, master: I420Image, placement: Placement = COVER) -> None:
        self._fitted = lru_cache(_SIZES_KEPT)(lambda size_px: placed(master, size_px, placement))
        self._fitted(USUAL_PX)  # so that the first frame need not

    def frame(self, size_px: tuple[int, int], at_s: float) -> I420Image:
        """The picture."""
        del at_s
        return self._fitted(size_px)

    def close(self) -> None:
        """Nothing runs."""


def color_background(color: ColorBackground) -> StillBackground:
    """One colour all over."""
    return still_background(np.full((2, 2, 3), (color.blue, color.green, color.red), np.uint8))


def gradient_background(spec: GradientBackground, pace: Pace) -> DrawnBackground:
    """Colours that run into each other from corner to corner, whatever the size."""
    colors = [(color.red, color.green, color.blue) for color in spec.colors]
    return drawn_background(lambda size_px: gradient(colors, spec.angle_degrees, size_px), pace)


def drawn_background(paint: Paint, pace: Pace, placement: Placement = COVER) -> DrawnBackground:
    """What code draws. Blocks while it does."""
    return DrawnBackground(paint, placement, at_once=pace is Pace.EXACT)


def still_background(bgr: Plane, placement: Placement = COVER) -> StillBackground:
    """A picture given as `uint8` BGR of shape `(height, width, 3)`."""
    height_px, width_px = bgr.shape[:2]
    if max(width_px, height_px) > _MASTER_SIDE_PX:
        size_px = fit_within(width_px, height_px, _MASTER_SIDE_PX, _MASTER_SIDE_PX)
        bgr = np.asarray(cv2.resize(bgr, size_px, interpolation=cv2.INTER_AREA), np.uint8)
    return StillBackground(picture_image(bgr), placement)


def open_file(path: Path, pace: Pace, placement: Placement = COVER) -> Background:
    """A picture or video file. Blocks for as long as reading and decoding take. Live, its loss is noticed.

    Raises:
        BackgroundError: The file is missing, neither picture nor video, damaged or too large.
    """
    with _as_background():
        opened = _opened(path, pace, placement)
        return WatchedFile(opened, path) if pace is Pace.LIVE else opened


def check_file(path: Path) -> None:
    """Look at the beginning of a picture or video file; nothing of it is decoded.

    Raises:
        BackgroundError: The file is missing, neither picture nor video, or too large.
    """
    with _as_background():
        file_kind(path)


@contextmanager
def _as_background() -> Iterator[None]:
    try:
        yield
    except SourceError as error:
        raise BackgroundError(
            f"{error.message.removesuffix('.')}, so it cannot be a background.",
            hint=f"Use a picture of at most {MAX_PIXELS // 1_000_000} megapixels and 64 MB, or a video.",
        ) from error


def open_stream(stream: StreamSpec, placement: Placement = COVER) -> LiveBackground:
    """A stream of the network. Blocks until its first picture has come, 10 s at most.

    Raises:
        BackgroundError: It cannot be reached or played.
    """
    return _live(f"The stream {stream}", lambda: StreamReader(stream, _LIVE_BOX), placement)


def open_screen(screen: ScreenSpec, placement: Placement = COVER) -> LiveBackground:
    """A screen of this machine. Blocks until its first picture has come, 10 s at most.

    Raises:
        BackgroundError: It is not there, or may not be read.
    """
    return _live("The screen", lambda: ScreenReader(screen, _SCREEN_BOX), placement)


def file_kind(path: Path) -> FileKind:
    """Whether a file is still or moves; nothing of it is decoded.

    Raises:
        SourceError: It is missing, neither, damaged or too large.
    """
    if path.suffix.lower() in _PICTURE_SUFFIXES:
        check_picture_length(path)
    if is_animated_webp(_head(path)):
        return FileKind.VIDEO
    return read_header(path, max_pixels=MAX_PIXELS).kind


def _live(name: str, make_reader: Callable[[], FrameReader], placement: Placement) -> LiveBackground:
    try:
        return LiveBackground(name, make_reader, placement)
    except SourceError as error:
        raise BackgroundError(
            f"{error.message.removesuffix('.')}, so it cannot be a background.", hint=error.hint
        ) from error


def _opened(path: Path, pace: Pace, placement: Placement) -> Background:
    if file_kind(path) is FileKind.PICTURE:
        return still_background(read_picture(path, max_pixels=MAX_PIXELS), placement)
    frames = looped(path, max_pixels=MAX_PIXELS)
    return LiveVideo(frames, placement) if pace is Pace.LIVE else SteppedVideo(frames, placement)


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_HEAD_BYTES)
    except OSError:
        return b""  # whoever opens it next says why


_PICTURE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".avif", ".gif"})
