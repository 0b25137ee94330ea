"""A picture or video file as a camera."""

from __future__ import annotations

import time
from pathlib import Path

import cv2

from eyeline.processing.container import FileKind, read_header
from eyeline.processing.frame import CapturedFrame, I420Image, fit_within
from eyeline.processing.picture_file import picture_image, read_picture
from eyeline.processing.sources.clip import looped_frames
from eyeline.processing.sources.decoding import MAX_PIXELS
from eyeline.processing.sources.fitting import Box, FrameFitter
from eyeline.processing.sources.pace import FrameRateLimit
from eyeline.processing.sources.player import REPEAT_S, Player
from eyeline.processing.sources.reader import FrameReader


class VideoFileReader:
    """Reads a picture as a still that goes on, anything else as a loop.

    Args:
        path: The file.
        box: The largest picture wanted.
    """

    def __init__(self, path: Path, box: Box) -> None:
        self._path = path
        self._box = box
        self._inner: FrameReader | None = None

    def open(self) -> None:
        """Open the file and decode its first frame.

        Raises:
            SourceError: It is missing, damaged, or neither picture nor video.
        """
        kind = read_header(self._path, max_pixels=MAX_PIXELS).kind
        if kind is FileKind.PICTURE and cv2.haveImageReader(str(self._path)):
            self._inner = _StillReader(self._path, self._box)
        else:
            frames = looped_frames(self._path, f"The file {self._path.name}")
            self._inner = Player(frames, fitter=FrameFitter(self._box), limit=FrameRateLimit(self._box.fps))
        self._inner.open()

    def read(self) -> CapturedFrame | None:
        """The next frame at its time."""
        return self._inner.read() if self._inner else None

    def skip(self) -> bool:
        """Let time pass."""
        return self._inner.skip() if self._inner else False

    def close(self) -> None:
        """Close the file."""
        if self._inner is not None:
            self._inner.close()


class _StillReader:
    def __init__(self, path: Path, box: Box) -> None:
        self._path = path
        self._box = box
        self._image = I420Image.filled(2, 2, (16, 128, 128))

    def open(self) -> None:
        image = picture_image(read_picture(self._path, max_pixels=MAX_PIXELS))
        self._image = image.scaled(*fit_within(*image.size, self._box.width_px, self._box.height_px))

    def read(self) -> CapturedFrame | None:
        time.sleep(REPEAT_S)
        return CapturedFrame(self._image, time.monotonic())

    def skip(self) -> bool:
        time.sleep(REPEAT_S)
        return True

    def close(self) -> None:
        pass
