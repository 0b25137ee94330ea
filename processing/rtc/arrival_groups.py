"""Packets that were sent together, and how groups of them spread on their way (draft-ietf-rmcat-gcc-02, 5.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_UNITS_PER_MS: Final = (1 << 18) / 1000
_WRAP: Final = 1 << 24
_MASK: Final = _WRAP - 1
_GROUP_UNITS: Final = 5 * (1 << 18) / 1000  # sent within 5 ms
_BURST_MS: Final = 5


@dataclass(slots=True)
class GroupChange:
    """From one group to the next.

    Args:
        sent_ms: How much later it was sent.
        arrived_ms: How much later it came.
        octets: How much larger it is.
    """

    sent_ms: float
    arrived_ms: int
    octets: int


class ArrivalGroups:
    """Puts packets in groups by when they were sent; what comes in a burst, out of a jam, is one group as well."""

    def __init__(self) -> None:
        self._begun = False
        self._first = self._last = 0
        self._arrived_ms = self._octets = 0
        self._before: tuple[int, int, int] | None = None

    def add(self, sent: int, arrived_ms: int, octets: int) -> GroupChange | None:
        """Take a packet.

        Args:
            sent: When, in 24 bits of 2^-18 s.
            arrived_ms: When it came.
            octets: Its size.

        Returns:
            What changed from the last complete group but one to the last, when this packet begins another.
        """
        change = None
        if not self._begun:
            self._begun = True
            self._first = self._last = sent
        else:
            since = (sent - self._first) & _MASK
            if since >= _WRAP // 2:
                return None  # overtaken
            if since > _GROUP_UNITS and not self._is_burst(sent, arrived_ms):
                change = self._complete()
                self._first = self._last = sent
            elif (sent - self._last) & _MASK < _WRAP // 2:
                self._last = sent
        self._octets += octets
        self._arrived_ms = arrived_ms
        return change

    def _is_burst(self, sent: int, arrived_ms: int) -> bool:
        sent_ms = round(((sent - self._last) & _MASK) / _UNITS_PER_MS)
        came_ms = arrived_ms - self._arrived_ms
        return sent_ms == 0 or (came_ms < sent_ms and came_ms <= _BURST_MS)

    def _complete(self) -> GroupChange | None:
        before = self._before
        self._before = (self._last, self._arrived_ms, self._octets)
        change = None
        if before is not None:
            sent_ms = ((self._last - before[0]) & _MASK) / _UNITS_PER_MS
            change = GroupChange(sent_ms, self._arrived_ms - before[1], self._octets - before[2])
        self._octets = 0
        return change
