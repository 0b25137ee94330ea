"""The thread that turns captured frames into processed ones.

Frames come in by `offer`, pictures go out by a callback, and the newest frame wins on the way in. Whatever the picture
raises, nothing is shown for that frame; the outgoing video then falls back to the card by itself.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from eyeline.processing.failures import FailureRow
from eyeline.processing.frame import CapturedFrame, ProcessedFrame
from eyeline.processing.slot import NewestSlot

log = logging.getLogger(__name__)

_STOP_TIMEOUT_S = 2.0


class Processor(Protocol):
    """What the pump drives; `Picture` is one."""

    def process(self, frame: CapturedFrame) -> ProcessedFrame | None:
        """Make the picture, or `None` where there is none to show. Called in the pump's thread only."""


class PicturePump:
    """Owns the picture's thread; a context manager.

    Args:
        processor: Makes the pictures.
        on_picture: Receives them, in the pump's thread.
        on_failure: Told, in the pump's thread, of the first failure of a row.
    """

    def __init__(
        self,
        processor: Processor,
        *,
        on_picture: Callable[[ProcessedFrame], None],
        on_failure: Callable[[Exception], None] = lambda _: None,
    ) -> None:
        self._processor = processor
        self._on_picture = on_picture
        self._failures = FailureRow(on_failure)
        self._slot: NewestSlot[CapturedFrame] = NewestSlot()
        self._thread = threading.Thread(target=self._run, name="picture", daemon=True)
        self._paused = threading.Event()
        self.processed = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._slot.close()
        self._thread.join(_STOP_TIMEOUT_S)
        if self._thread.is_alive():
            log.warning("the picture did not stop within %.0f s and was left behind", _STOP_TIMEOUT_S)

    def offer(self, frame: CapturedFrame) -> None:
        """Hand in the newest frame. May be called from any thread; never blocks."""
        if not self._paused.is_set():
            self._slot.put(frame)

    def pause(self, paused: bool) -> None:
        """Drop frames instead of processing them, while nobody looks."""
        if paused:
            self._paused.set()
        else:
            self._paused.clear()

    @property
    def dropped(self) -> int:
        """Frames that a newer one overtook."""
        return self._slot.overwritten

    def _run(self) -> None:
        while not self._slot.closed:
            frame = self._slot.take()
            if frame is not None:
                self._process(frame)

    def _process(self, frame: CapturedFrame) -> None:
        try:
            picture = self._processor.process(frame)
        except Exception as error:
            self._failures.failed(error)
            return
        self._failures.worked()
        if picture is None:
            return
        self.processed += 1
        if not self._slot.closed:
            self._on_picture(picture)
