"""Which sources of others are received, and on which line of the SDP."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence

from eyeline.integrations.events import MediaKind
from eyeline.integrations.jitsi.sdp import RemoteLine
from eyeline.integrations.jitsi.sources import Source

logger = logging.getLogger(__name__)

MAX_RECEIVED = 64  # every received source costs a decoder thread


class RemoteLines:
    """Lines in order of their first appearance; none is ever taken away, moved or used again.

    Args:
        own_id: Our endpoint id, whose sources are not received.
        kinds: What is received at all.
    """

    def __init__(self, own_id: str, kinds: Collection[MediaKind]) -> None:
        self._own_id = own_id
        self._kinds = frozenset(kinds)
        self._lines: list[RemoteLine] = []

    @property
    def lines(self) -> Sequence[RemoteLine]:
        """All of them, active or not."""
        return tuple(self._lines)

    def add(self, sources: Iterable[Source]) -> list[int]:
        """Open a line for each source that is wanted and has none; their indices."""
        opened: list[int] = []
        for source in sources:
            if not self._is_wanted(source) or self._find(source.ssrc) is not None:
                continue
            if self._active() >= MAX_RECEIVED:
                logger.warning("Source %s of %s is not received: there are %d", source.name, source.owner, MAX_RECEIVED)
                continue
            opened.append(len(self._lines))
            self._lines.append(RemoteLine(source))
        return opened

    def remove(self, sources: Iterable[Source]) -> list[int]:
        """Make the lines of sources inactive; the indices of those that were active."""
        found = (self._find(source.ssrc) for source in sources)
        closed = sorted({index for index in found if index is not None})
        for index in closed:
            self._lines[index] = RemoteLine(self._lines[index].source, active=False)
        return closed

    def remove_all(self) -> list[int]:
        """Make every line inactive; the indices of those that were active."""
        return self.remove([line.source for line in self._lines if line.active])

    def _is_wanted(self, source: Source) -> bool:
        return source.kind in self._kinds and not source.is_placeholder and source.owner != self._own_id

    def _find(self, ssrc: int) -> int | None:
        return next((i for i, line in enumerate(self._lines) if line.active and line.source.ssrc == ssrc), None)

    def _active(self) -> int:
        return sum(line.active for line in self._lines)
