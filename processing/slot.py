"""A slot of one between threads: the newest value wins, nothing queues.

A queue between a camera and a slow consumer turns overload into latency that never shrinks again; a slot turns it
into dropped frames.
"""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class NewestSlot(Generic[T]):
    """Holds at most one value; `put` overwrites, `take` empties. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._value: T | None = None
        self._closed = False
        self.overwritten = 0

    def put(self, value: T) -> None:
        """Leave a value, overwriting one that nobody took. Does nothing once closed."""
        with self._condition:
            if self._closed:
                return
            if self._value is not None:
                self.overwritten += 1
            self._value = value
            self._condition.notify()

    def take(self, timeout_s: float | None = None) -> T | None:
        """Wait for a value and empty the slot; `None` on time-out or when closed."""
        with self._condition:
            self._condition.wait_for(lambda: self._value is not None or self._closed, timeout_s)
            value, self._value = self._value, None
            return value

    def close(self) -> None:
        """Wake the waiting thread for good and drop what is inside."""
        with self._condition:
            self._closed = True
            self._value = None
            self._condition.notify_all()

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed
