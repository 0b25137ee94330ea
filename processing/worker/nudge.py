"""Waking a thread that waits for pipes."""

from __future__ import annotations

import multiprocessing
import threading


class Nudge:
    """At most one wake-up lies in the pipe, so `wake` never waits. What waits is given `connection`.

    `wake` may be called from any thread; everything else is the waiting thread's.
    """

    def __init__(self) -> None:
        self.connection, self._writer = multiprocessing.Pipe(duplex=False)
        self._lock = threading.Lock()
        self._lies = False
        self._closed = False

    def wake(self) -> None:
        """Let the wait end, now or the next time."""
        with self._lock:
            if not self._lies and not self._closed:
                self._lies = True
                self._writer.send_bytes(b"!")

    def clear(self) -> None:
        """Forget a wake-up; look for what it was for after that."""
        with self._lock:
            if self._lies:
                self.connection.recv_bytes()
                self._lies = False

    def wait(self, timeout_s: float) -> None:
        """Wait for nothing else."""
        self.connection.poll(timeout_s)
        self.clear()

    def close(self) -> None:
        """Close the pipe; `wake` does nothing any more."""
        with self._lock:
            self._closed = True
            self._lies = False
            self.connection.close()
            self._writer.close()
