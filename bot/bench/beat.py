"""Doing something thirty times a second, on the clock and not by sleeping a thirtieth."""

from __future__ import annotations

import asyncio
import time

from eyeline.bot.bench.clip import FPS


class Beat:
    """Thirty moments a second; those that are missed by far are left out, not made up for.

    Args:
        rate_hz: Moments a second.
    """

    def __init__(self, rate_hz: float = FPS) -> None:
        self._interval_s = 1 / rate_hz
        self._due_s: float | None = None

    def _next_s(self) -> float:
        """How long until the next moment."""
        now_s = time.monotonic()
        if self._due_s is None or now_s - self._due_s > 4 * self._interval_s:
            self._due_s = now_s
        else:
            self._due_s += self._interval_s
        return max(0.0, self._due_s - now_s)

    async def wait(self) -> None:
        """Wait for the next moment, in an event loop."""
        await asyncio.sleep(self._next_s())

    def sleep(self) -> None:
        """Wait for the next moment, in a thread."""
        time.sleep(self._next_s())
