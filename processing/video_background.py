"""A video or an animated picture that runs behind the person, over and over.

Live, a thread of its own decodes it at its own pace, and a frame of the camera takes whatever is newest without
waiting. For a file that is rendered there is no clock but the frames' own, and the same frame must get the same
background each time: then the video is decoded in step.
"""

from __future__ import annotations

import logging
import threading
import time
from contextlib import closing

from eyeline.processing.errors import SourceError
from eyeline.processing.frame import I420Image
from eyeline.processing.loop import Frames, LoopedFrame
from eyeline.processing.newest_picture import NewestPicture
from eyeline.processing.placement import COVER, Placement, placed

log = logging.getLogger(__name__)

_GIVE_UP_AFTER_S = 0.5
_LATE_S = 0.1
_MAX_SKIPPED_IN_A_ROW = 4
_ROUNDING_S = 1e-6  # of times on the frames' clock


class LiveVideo:
    """A looped video at its own pace.

    Args:
        frames: As from `looped`; the first one is taken at once, so that there is always one to show.
        placement: How it stands in the frame.

    Raises:
        SourceError: The first frame cannot be decoded.
    """

    def __init__(self, frames: Frames, placement: Placement = COVER) -> None:
        first = next(frames)
        self._newest = NewestPicture(first.image(), placement)
        self._trouble = first.trouble
        self._stop = threading.Event()
        threading.Thread(target=self._run, args=(frames,), name="video-background", daemon=True).start()

    def frame(self, size_px: tuple[int, int], at_s: float) -> I420Image:
        """What is due now; never waits."""
        del at_s  # the wall clock rules
        return self._newest.at(size_px)

    @property
    def trouble(self) -> str:
        """Why it stands still or lacks a part; empty when all is well."""
        return self._trouble

    def close(self) -> None:
        """Stop decoding, without waiting for the frame in hand; the last frame stays."""
        self._stop.set()

    def _run(self, frames: Frames) -> None:
        try:
            with closing(frames):
                self._play(frames)
        except SourceError as error:
            self._stand_still(error.message)
        except Exception as bug:
            log.exception("the video background failed unexpectedly")
            self._stand_still(f"{type(bug).__name__}: {bug}.")

    def _play(self, frames: Frames) -> None:
        origin_s = time.monotonic()
        skipped = 0
        for frame in frames:
            wait_s = origin_s + frame.due_s - time.monotonic()
            if wait_s < -_GIVE_UP_AFTER_S:  # slower than its own pace: go on from here instead of chasing
                origin_s -= wait_s
            if self._stop.wait(max(0.0, wait_s)):
                return
            self._note(frame.trouble)
            skipped = skipped + 1 if wait_s < -_LATE_S and skipped < _MAX_SKIPPED_IN_A_ROW else 0
            if not skipped:
                self._newest.put(frame.image())

    def _note(self, trouble: str) -> None:
        if trouble != self._trouble:
            log.warning("the video background has a fault: %s", trouble)
            self._trouble = trouble

    def _stand_still(self, reason: str) -> None:
        log.warning("the video background stands still: %s", reason)
        self._trouble = f"The video stands still: {reason}"


class SteppedVideo:
    """A looped video that follows the time of the frames it is asked for; the same times give the same pictures.

    Args:
        frames: As from `looped`.
        placement: How it stands in the frame.

    Raises:
        SourceError: The first frame cannot be decoded.
    """

    def __init__(self, frames: Frames, placement: Placement = COVER) -> None:
        self._frames = frames
        self._placement = placement
        self._trouble = ""
        self._current = next(frames).image()
        self._upcoming = self._decoded()
        self._origin_s: float | None = None

    def frame(self, size_px: tuple[int, int], at_s: float) -> I420Image:
        """What is due at `at_s`; the first call sets the start. Times must not run backwards."""
        if self._origin_s is None:
            self._origin_s = at_s
        passed_s = at_s - self._origin_s + _ROUNDING_S
        due: LoopedFrame | None = None
        while self._upcoming is not None and self._upcoming.due_s <= passed_s:
            due, self._upcoming = self._upcoming, self._decoded()
        if due is not None:
            self._current = due.image()
        return placed(self._current, size_px, self._placement)

    @property
    def trouble(self) -> str:
        """Why it stands still or lacks a part; empty when all is well."""
        return self._trouble

    def close(self) -> None:
        """Close the file; the last frame stays."""
        self._frames.close()
        self._upcoming = None

    def _decoded(self) -> LoopedFrame | None:
        try:
            frame = next(self._frames, None)
        except SourceError as error:
            log.warning("the video background stands still: %s", error.message)
            self._trouble = f"The video stands still: {error.message}"
            return None
        if frame is not None and frame.trouble != self._trouble:
            self._trouble = frame.trouble
        return frame
