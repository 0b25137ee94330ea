"""What a stream has received and nobody has read yet: bounded, so that a flood cannot fill the memory."""

from __future__ import annotations

import asyncio
from collections import deque

from eyeline.config.errors import NetworkError
from eyeline.integrations.errors import ProtocolError
from eyeline.integrations.jitsi.stanzas import Stanza

MAX_STANZAS = 1000


class Inbox:
    """A queue with an end. `put` and `end` never wait; one reader."""

    def __init__(self, limit: int = MAX_STANZAS) -> None:
        self._stanzas: deque[Stanza] = deque()
        self._limit = limit
        self._changed = asyncio.Event()
        self._ended = False
        self._error: NetworkError | None = None

    def put(self, stanza: Stanza) -> None:
        """Append.

        Raises:
            ProtocolError: The reader is so far behind that the stream has to end.
        """
        if len(self._stanzas) >= self._limit:
            self._stanzas.clear()
            raise ProtocolError(f"More than {self._limit} stanzas came faster than they could be read.")
        self._stanzas.append(stanza)
        self._changed.set()

    def end(self, error: NetworkError | None) -> None:
        """Nothing comes any more, because of `error` or because we closed. Only the first call counts."""
        if not self._ended:
            self._ended, self._error = True, error
            self._changed.set()

    async def get(self) -> Stanza | None:
        """The next stanza, or `None` at the end of a stream that we closed.

        Raises:
            NetworkError: The one that ended the stream, after everything that came before it.
        """
        while not self._stanzas:
            if self._error is not None:
                raise self._error
            if self._ended:
                return None
            self._changed.clear()
            await self._changed.wait()
        return self._stanzas.popleft()
