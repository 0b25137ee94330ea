"""A video that runs behind the person, over and over.

Live, a thread of its own decodes it at the video's pace, and a frame of the camera takes whatever is newest without
waiting. For a file that is rendered there is no clock but the frames' own, and the same frame must get the same
background each time: then the video is decoded in step.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from eyeline.processing.cover import cover
from eyeline.processing.decode import decode_video
from eyeline.processing.errors import SourceError
from eyeline.processing.frame import I420Image

log = logging.getLogger(__name__)

_GIVE_UP_AFTER_S = 0.5
_ROUNDING_S = 1e-6  # of times on the frames' clock


@dataclass(frozen=True, slots=True)
class LoopedFrame:
    """A frame and when it is due, in seconds from the start."""

    image: I420Image
    due_s: float


Frames = Generator[LoopedFrame, None, None]


def looped(path: Path, *, max_pixels: int) -> Frames:
    """The frames of a video without end; `due_s` begins at 0 and runs on from round to round.

    Raises:
        SourceError: While iterating: the file cannot be decoded, or holds no frame.
    """
    due_s = 0.0
    while True:
        round_begins_s = due_s
        first_s: float | None = None
        for frame in decode_video(path, max_pixels=max_pixels):
            first_s = frame.at_s if first_s is None else first_s
            yield LoopedFrame(frame.image, round_begins_s + frame.at_s - first_s)
            due_s = round_begins_s + frame.until_s - first_s
        if first_s is None:
            raise SourceError(f"{path.name} holds no frame.")


class LiveVideo:
    """A looped video at its own pace.

    Args:
        frames: As from `looped`; the first one is taken at once, so that there is always one to show.

    Raises:
        SourceError: The first frame cannot be decoded.
    """

    def __init__(self, frames: Frames) -> None:
        self._newest = next(frames).image
        self._size_px = self._newest.size
        self._stop = threading.Event()
        threading.Thread(target=self._run, args=(frames,), name="video-background", daemon=True).start()

    def frame(self, size_px: tuple[int, int], at_s: float) -> I420Image:
        """What is due now; never waits."""
        del at_s  # the wall clock rules
        self._size_px = size_px
        newest = self._newest
        if newest.size != size_px:
            newest = cover(newest, size_px)  # only until the thread has seen the new size
        return newest

    def close(self) -> None:
        """Stop decoding, without waiting for the frame in hand; the last frame stays."""
        self._stop.set()

    def _run(self, frames: Frames) -> None:
        try:
            with closing(frames):
                self._play(frames)
        except SourceError as error:
            log.warning("the video background stands still: %s", error.message)

    def _play(self, frames: Frames) -> None:
        origin_s = time.monotonic()
        for frame in frames:
            wait_s = origin_s + frame.due_s - time.monotonic()
            if wait_s < -_GIVE_UP_AFTER_S:  # slower than its own pace: go on from here instead of chasing
                origin_s -= wait_s
            if self._stop.wait(max(0.0, wait_s)):
                return
            self._newest = cover(frame.image, self._size_px)


class SteppedVideo:
    """A looped video that follows the time of the frames it is asked for; the same times give the same pictures.

    Args:
        frames: As from `looped`.

    Raises:
        SourceError: The first frame cannot be decoded.
    """

    def __init__(self, frames: Frames) -> None:
        self._frames = frames
        self._current = next(frames).image
        self._upcoming = self._decoded()
        self._origin_s: float | None = None

    def frame(self, size_px: tuple[int, int], at_s: float) -> I420Image:
        """What is due at `at_s`; the first call sets the start. Times must not run backwards."""
        if self._origin_s is None:
            self._origin_s = at_s
        passed_s = at_s - self._origin_s + _ROUNDING_S
        while self._upcoming is not None and self._upcoming.due_s <= passed_s:
            self._current = self._upcoming.image
            self._upcoming = self._decoded()
        return cover(self._current, size_px)

    def close(self) -> None:
        """Close the file; the last frame stays."""
        self._frames.close()
        self._upcoming = None

    def _decoded(self) -> LoopedFrame | None:
        try:
            return next(self._frames)
        except SourceError as error:
            log.warning("the video background stands still: %s", error.message)
            return None
