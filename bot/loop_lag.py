"""How late the event loop is: how long whatever becomes due has to wait for it.

A loop that is busy for long, or that gets no CPU, makes packets late and sound stutter, and nothing else says so.
The probe asks to be woken at random moments and measures how much later that happens.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

import numpy as np

log = logging.getLogger(__name__)

LATE_MS: Final = 10.0
_LEAST_PAUSE_S: Final = 0.02
_MOST_PAUSE_S: Final = 0.08  # 20 wake-ups a second in the mean: less than a thousandth of a core
_LOOK_EVERY_S: Final = 30.0
_WARN_EVERY_S: Final = 600.0


@dataclass(frozen=True, slots=True)
class LagPercentiles:
    """Of the lateness of the event loop, over the window."""

    p50_ms: float
    p95_ms: float
    p99_ms: float

    def to_json(self) -> dict[str, float]:
        """In ms, by name."""
        return {"p50": self.p50_ms, "p95": self.p95_ms, "p99": self.p99_ms}


class LoopLag:
    """Measures the event loop that it is entered in; an async context manager.

    Args:
        window_s: How far back it remembers.
        on_late: Called in the event loop when the window's 99th percentile is above `LATE_MS`, at most once in ten
            minutes; there is a warning in the log then as well.
    """

    def __init__(self, *, window_s: float = 60.0, on_late: Callable[[LagPercentiles], None] = lambda _: None) -> None:
        self._window_s = window_s
        self._on_late = on_late
        self._lags: deque[tuple[float, float]] = deque()
        self._task: asyncio.Task[None] | None = None
        self._warned_at_s: float | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="loop lag")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    def percentiles(self) -> LagPercentiles | None:
        """Of the window; `None` before the first measurement."""
        self._forget_before(time.monotonic() - self._window_s)
        if not self._lags:
            return None
        lags_ms = [lag_s * 1000 for _, lag_s in self._lags]
        return LagPercentiles(*(float(value) for value in np.percentile(lags_ms, [50, 95, 99])))

    def forget(self) -> None:
        """Begin anew."""
        self._lags.clear()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        look_at_s = time.monotonic() + _LOOK_EVERY_S
        while True:
            pause_s = random.uniform(_LEAST_PAUSE_S, _MOST_PAUSE_S)  # noqa: S311 (never in step with the frames)
            due_s = loop.time() + pause_s
            await asyncio.sleep(pause_s)
            now_s = time.monotonic()
            self._lags.append((now_s, max(0.0, loop.time() - due_s)))
            if now_s >= look_at_s:
                look_at_s = now_s + _LOOK_EVERY_S
                self._forget_before(now_s - self._window_s)
                self._warn(now_s)

    def _warn(self, now_s: float) -> None:
        lag = self.percentiles()
        if lag is None or lag.p99_ms <= LATE_MS:
            return
        if self._warned_at_s is None or now_s - self._warned_at_s >= _WARN_EVERY_S:
            self._warned_at_s = now_s
            log.warning(
                "the event loop is late: by %.0f ms or more once in a hundred times; sound and picture suffer from it",
                lag.p99_ms,
            )
            self._on_late(lag)

    def _forget_before(self, moment_s: float) -> None:
        while self._lags and self._lags[0][0] < moment_s:
            self._lags.popleft()
