"""Where decoded frames of one kind pass from a WebRTC sender to the source that they feed."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from typing import Generic, TypeVar

from av.frame import Frame

from eyeline.processing.errors import SourceError

FrameT = TypeVar("FrameT", bound=Frame)


class SenderLine(Generic[FrameT]):
    """A few frames, of which the newest stay, and whether a sender is there. It outlives its senders.

    Everything but `take` is called in the event loop.

    Args:
        capacity: The most frames that wait.
    """

    def __init__(self, capacity: int) -> None:
        self._frames: deque[FrameT] = deque(maxlen=capacity)
        self._arrived = threading.Condition()
        self._news = asyncio.Event()
        self.sender_since_s: float | None = None
        self.lost_because: SourceError | None = None

    def begin(self) -> None:
        """A sender is there; what another one left is of no use."""
        with self._arrived:
            self._frames.clear()
        self.sender_since_s = time.monotonic()
        self.lost_because = None
        self._news.set()

    def lose(self, error: SourceError) -> None:
        """The sender is gone."""
        with self._arrived:
            self._frames.clear()
        self.sender_since_s = None
        self.lost_because = error
        self._news.set()

    def put(self, frame: FrameT) -> None:
        """Hand on a frame; the oldest one that waits makes room."""
        with self._arrived:
            self._frames.append(frame)
            self._arrived.notify()

    def take(self, timeout_s: float) -> FrameT | None:
        """Wait for a frame; `None` when none comes in time. For one thread."""
        with self._arrived:
            self._arrived.wait_for(lambda: self._frames, timeout_s)
            return self._frames.popleft() if self._frames else None

    async def news(self, timeout_s: float) -> None:
        """Wait until a sender comes or goes, or the time is over. For one task."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._news.wait()
        except TimeoutError:
            return
        self._news.clear()
