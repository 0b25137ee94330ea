"""How much of a meeting's chat is told to whoever listens to events: all of it, but of a flood only a part.

Commands are heard before this, and no other event is ever left out because of chat.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from eyeline.bot.events import ChatSkipped, Emit
from eyeline.integrations.events import ChatReceived

WINDOW_S = 1.0
MAX_LINES = 50


class ChatTelling:
    """Tells of at most `MAX_LINES` lines in `WINDOW_S`, and afterwards how many were left out.

    Args:
        emit: Takes the events.
        clock_s: Monotonic.
    """

    def __init__(self, emit: Emit, *, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._emit = emit
        self._clock_s = clock_s
        self._since_s = clock_s()
        self._told = 0
        self._skipped = 0

    def tell(self, event: ChatReceived) -> None:
        """Tell of a line, or leave it out."""
        now_s = self._clock_s()
        if now_s - self._since_s >= WINDOW_S:
            self._since_s, self._told = now_s, 0
            if self._skipped:
                self._emit(ChatSkipped(self._skipped))
                self._skipped = 0
        if self._told < MAX_LINES:
            self._told += 1
            self._emit(event)
        else:
            self._skipped += 1
