"""What is live behind the person: a stream of the network or a screen, kept alive by a thread of its own.

While it is lost, its last picture stays and the reason can be read; it is tried again and again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from eyeline.processing.errors import SourceError
from eyeline.processing.frame import I420Image
from eyeline.processing.newest_picture import NewestPicture
from eyeline.processing.placement import COVER, Placement
from eyeline.processing.sources.reader import FrameReader
from eyeline.processing.sources.retry import DEFAULT_POLICY, Backoff, RetryPolicy

log = logging.getLogger(__name__)


class LiveBackground:
    """Opens a reader, waits for its first picture, and shows the newest one from then on.

    Args:
        name: What it is called in errors; holds no secret.
        make_reader: Makes the reader of the next attempt, in the thread that uses it.
        placement: How it stands in the frame.
        policy: Time limits.

    Raises:
        SourceError: It cannot be opened, or no picture came in time.
    """

    def __init__(
        self,
        name: str,
        make_reader: Callable[[], FrameReader],
        placement: Placement = COVER,
        policy: RetryPolicy = DEFAULT_POLICY,
    ) -> None:
        self._name = name
        self._make_reader = make_reader
        self._placement = placement
        self._policy = policy
        self._stop = threading.Event()
        self._settled = threading.Event()  # the first picture came, or the first attempt failed
        self._newest: NewestPicture | None = None
        self._last_at_s = time.monotonic()
        self._lost = ""
        self._refused: SourceError | None = None
        threading.Thread(target=self._run, name="live-background", daemon=True).start()
        self._first = self._first_picture()

    def frame(self, size_px: tuple[int, int], at_s: float) -> I420Image:
        """The newest picture; never waits."""
        del at_s  # it is live
        return self._first.at(size_px)

    @property
    def trouble(self) -> str:
        """Why the last picture stands; empty while new ones come."""
        if self._lost:
            return self._lost
        silent_s = time.monotonic() - self._last_at_s
        if silent_s > self._policy.silence_timeout_s and not self._stop.is_set():
            return f"{self._name} has delivered nothing for {silent_s:.0f} s; its last picture stays."
        return ""

    def close(self) -> None:
        """Disconnect, without waiting for it; the last picture stays."""
        self._stop.set()

    def _first_picture(self) -> NewestPicture:
        self._settled.wait(self._policy.open_timeout_s)
        if self._newest is not None:
            return self._newest
        self._stop.set()
        raise self._refused or SourceError(
            f"{self._name} did not deliver anything within {self._policy.open_timeout_s:.0f} s.",
            hint="Is it connected and switched on?",
        )

    def _run(self) -> None:
        backoff = Backoff(self._policy)
        while not self._stop.is_set():
            begun_s = time.monotonic()
            try:
                self._attempt()
            except SourceError as error:
                self._lose(error)
            except Exception as bug:
                log.exception("%s failed unexpectedly", self._name)
                self._lose(SourceError(f"{self._name} failed: {type(bug).__name__}: {bug}."))
            if self._newest is None:
                return
            self._stop.wait(backoff.next_s(max(0.0, self._last_at_s - begun_s)))

    def _attempt(self) -> None:
        reader = self._make_reader()
        try:
            reader.open()
            read_at_s = time.monotonic()
            while not self._stop.is_set():
                captured = reader.read()
                now_s = time.monotonic()
                if captured is not None:
                    read_at_s = now_s
                    self._show(captured.image, now_s)
                elif now_s - read_at_s > self._policy.silence_timeout_s:
                    raise SourceError(f"{self._name} delivers nothing any more.")
        finally:
            reader.close()

    def _show(self, image: I420Image, now_s: float) -> None:
        if self._newest is None:
            self._newest = NewestPicture(image, self._placement)
            self._settled.set()
        else:
            self._newest.put(image)
        self._last_at_s = now_s
        self._lost = ""

    def _lose(self, error: SourceError) -> None:
        if self._newest is None:
            self._refused = error
            self._settled.set()
            return
        lost = f"{error.message} The last picture stays; it is tried again."
        if lost != self._lost:
            log.warning("the live background is lost: %s", error.message)
        self._lost = lost
