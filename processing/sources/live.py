"""Telling fresh frames of a live stream from those that waited somewhere on the way."""

from __future__ import annotations

_STALE_S = 0.3
_DRIFT_S_PER_S = 0.002
_JUMP_S = 2.0
_MAX_STALE_FOR_S = 2.0


class LiveLag:
    """Compares the stream's clock with ours.

    The least delay seen so far is taken for the stream's own; what comes much later than that was held up and is now
    delivered in a burst. The clocks may drift apart, and the stream's may jump.
    """

    def __init__(self) -> None:
        self._least_s: float | None = None
        self._media_s = 0.0
        self._stale_since_s: float | None = None
        self._now_s = 0.0

    def is_stale(self, media_s: float, now_s: float) -> bool:
        """Whether this frame was held up.

        Args:
            media_s: Its timestamp.
            now_s: When it arrived, on the monotonic clock.
        """
        lag_s = now_s - media_s
        if self._least_s is None or not 0 <= media_s - self._media_s < _JUMP_S:
            self._least_s = lag_s
        else:
            self._least_s = min(lag_s, self._least_s + _DRIFT_S_PER_S * (now_s - self._now_s))
        self._media_s, self._now_s = media_s, now_s
        if lag_s - self._least_s <= _STALE_S:
            self._stale_since_s = None
            return False
        return self._is_catching_up(lag_s, now_s)

    def _is_catching_up(self, lag_s: float, now_s: float) -> bool:
        """A backlog is over soon; what stays late is not late but has become slower."""
        if self._stale_since_s is None:
            self._stale_since_s = now_s
        if now_s - self._stale_since_s <= _MAX_STALE_FOR_S:
            return True
        self._least_s = lag_s
        self._stale_since_s = None
        return False
