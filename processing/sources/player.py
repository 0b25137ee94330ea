"""Stored frames as a camera would deliver them: each at its time."""

from __future__ import annotations

import time
from collections.abc import Generator

from eyeline.processing.frame import CapturedFrame, I420Image
from eyeline.processing.sources.clip import StoredFrame
from eyeline.processing.sources.fitting import FrameFitter
from eyeline.processing.sources.pace import FrameRateLimit, Pace
from eyeline.processing.sources.reader import WAIT_S

REPEAT_S = 0.2
_LATE_S = 0.1
_MAX_SKIPPED_IN_A_ROW = 4


class Player:
    """Plays frames at their pace; once there are no more, the last one stays.

    A picture that stays on for long is delivered again and again, so that it does not look like a source that stalls.
    When decoding falls behind, frames are passed over before they are converted.

    Args:
        frames: Decoded when asked for; closed by `close`.
        fitter: Makes the pictures.
        limit: Thins them out.
    """

    def __init__(
        self, frames: Generator[StoredFrame, None, None], *, fitter: FrameFitter, limit: FrameRateLimit
    ) -> None:
        self._frames = frames
        self._fitter = fitter
        self._limit = limit
        self._pace = Pace()
        self._next: StoredFrame | None = None
        self._due_s = 0.0
        self._image: I420Image | None = None
        self._shown_at_s = 0.0
        self._skipped = 0

    def open(self) -> None:
        """Decode the first frame, so that what is wrong with the medium is known."""
        self._advance()

    def read(self) -> CapturedFrame | None:
        """The next picture when it is due; `None` when nothing is for a while."""
        stored = self._take()
        if stored is None:
            return self._again()
        if self._is_late() or not self._limit.admits(stored.at_s):
            return None
        self._image = self._fitter.fit(stored.frame, stored.pixel_shape)
        self._shown_at_s = time.monotonic()
        return CapturedFrame(self._image, self._due_s)

    def skip(self) -> bool:
        """Let time pass without making pictures. What is stored cannot fall silent."""
        self._take()
        return True

    def close(self) -> None:
        """Close the medium."""
        self._frames.close()

    def _advance(self) -> None:
        self._next = next(self._frames, None)
        if self._next is not None:
            self._due_s = self._pace.due_s(self._next.at_s)

    def _take(self) -> StoredFrame | None:
        if self._next is None:
            self._advance()
        wait_s = self._due_s - time.monotonic() if self._next else WAIT_S
        time.sleep(max(0.0, min(wait_s, WAIT_S)))
        if self._next is None or wait_s > WAIT_S:
            return None
        stored, self._next = self._next, None
        return stored

    def _is_late(self) -> bool:
        late = time.monotonic() - self._due_s > _LATE_S and self._skipped < _MAX_SKIPPED_IN_A_ROW
        self._skipped = self._skipped + 1 if late else 0
        return late

    def _again(self) -> CapturedFrame | None:
        now_s = time.monotonic()
        if self._image is None or now_s - self._shown_at_s < REPEAT_S - WAIT_S / 2:
            return None
        self._shown_at_s = now_s
        return CapturedFrame(self._image, now_s)
