"""Where decoded frames of one kind pass from a WebRTC sender to the source that they feed."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from av.frame import Frame

from eyeline.processing.errors import SourceError

FrameT = TypeVar("FrameT", bound=Frame)


class SenderLine(Generic[FrameT]):
    """Hands frames on in the thread that brings them, and tells whether a sender is there. It outlives both sides.

    Everything but what `begin` returns is called in the event loop. Frames come one at a time, and none after the
    sender was lost, another one began or the consumer was taken away.
    """

    def __init__(self) -> None:
        self._passing = threading.Lock()
        self._turn = 0
        self._consumer: Callable[[FrameT], None] | None = None
        self._news = asyncio.Event()
        self.sender_since_s: float | None = None
        self.lost_because: SourceError | None = None

    def begin(self) -> Callable[[FrameT], None]:
        """A sender is there.

        Returns:
            What takes its frames, from any thread.
        """
        turn = self._next_turn()
        self.sender_since_s = time.monotonic()
        self.lost_because = None
        self._news.set()

        def put(frame: FrameT) -> None:
            with self._passing:
                if turn == self._turn and self._consumer is not None:
                    self._consumer(frame)

        return put

    def lose(self, error: SourceError) -> None:
        """The sender is gone."""
        self._next_turn()
        self.sender_since_s = None
        self.lost_because = error
        self._news.set()

    def feed(self, consumer: Callable[[FrameT], None] | None) -> None:
        """Have this take every frame from now on, or nobody; it must be quick, and raise nothing."""
        with self._passing:
            self._consumer = consumer

    async def news(self, timeout_s: float) -> None:
        """Wait until a sender comes or goes, or the time is over. For one task."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._news.wait()
        except TimeoutError:
            return
        self._news.clear()

    def _next_turn(self) -> int:
        with self._passing:
            self._turn += 1
            return self._turn
