"""Whether media can flow: the life of one peer connection in three states."""

from __future__ import annotations

import asyncio
from enum import Enum

from aiortc import RTCPeerConnection


class PathState(Enum):
    """`OPENING` → `OPEN` → `GONE`, or straight to `GONE`; nothing leads back."""

    OPENING = "opening"
    OPEN = "open"
    GONE = "gone"


_NEXT = {
    PathState.OPENING: {PathState.OPEN, PathState.GONE},
    PathState.OPEN: {PathState.GONE},
    PathState.GONE: set[PathState](),
}
# aiortc has no "disconnected"; when consent is lost (RFC 7675) it goes to "closed" and may never say "failed"
_MEANING = {"connected": PathState.OPEN, "failed": PathState.GONE, "closed": PathState.GONE}


class MediaPath:
    """Follows a peer connection.

    Args:
        connection: Followed until it is gone; not owned.
    """

    def __init__(self, connection: RTCPeerConnection) -> None:
        self._connection = connection
        self._state = PathState.OPENING
        self._decided = asyncio.Event()
        self._gone = asyncio.Event()
        connection.on("connectionstatechange", self._follow)

    @property
    def state(self) -> PathState:
        """Where it is in its life."""
        return self._state

    async def decided(self) -> PathState:
        """Wait until it is open or gone."""
        await self._decided.wait()
        return self._state

    async def gone(self) -> None:
        """Wait until it is gone."""
        await self._gone.wait()

    def end(self) -> None:
        """Count it as gone."""
        self._enter(PathState.GONE)

    def _follow(self) -> None:
        state = _MEANING.get(self._connection.connectionState)
        if state is not None:
            self._enter(state)

    def _enter(self, state: PathState) -> None:
        if state not in _NEXT[self._state]:
            return
        self._state = state
        self._decided.set()
        if state is PathState.GONE:
            self._gone.set()
