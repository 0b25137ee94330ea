"""How much came in the last second."""

from __future__ import annotations

from collections import deque
from typing import Final

_WINDOW_MS: Final = 1000


class RateWindow:
    """Octets by the millisecond. After a second in which nothing came it begins anew."""

    def __init__(self) -> None:
        self._came: deque[tuple[int, int]] = deque()
        self._octets = 0
        self._begin_ms = 0
        self._last_ms = -1
        self._last_octets = 0

    def add(self, octets: int, now_ms: int) -> None:
        """Note what came now, not before what was noted last."""
        if now_ms == self._last_ms:
            self._last_octets += octets
            return
        if self._last_octets:
            self._came.append((self._last_ms, self._last_octets))
            self._octets += self._last_octets
        self._forget(now_ms)
        if not self._came:
            self._begin_ms = now_ms
        self._last_ms, self._last_octets = now_ms, octets

    def bps(self, now_ms: int) -> int | None:
        """In bit/s, over the second up to now; `None` until something has come for a millisecond."""
        self._forget(now_ms)
        octets = self._octets + (self._last_octets if now_ms - self._last_ms < _WINDOW_MS else 0)
        measured_ms = min(now_ms - self._begin_ms + 1, _WINDOW_MS)
        return round(8000 * octets / measured_ms) if octets and measured_ms > 1 else None

    def _forget(self, now_ms: int) -> None:
        oldest_ms = now_ms - _WINDOW_MS + 1
        while self._came and self._came[0][0] < oldest_ms:
            self._octets -= self._came.popleft()[1]
