"""Counters of RTP that wrap around, as integers that do not."""

from __future__ import annotations


class Unwrapper:
    """Extends a counter that wraps; values may come out of order by up to half its range (RFC 3550, appendix A.1).

    Args:
        bits: 16 for sequence numbers, 32 for timestamps.
    """

    def __init__(self, bits: int) -> None:
        self._modulus = 1 << bits
        self._half = self._modulus // 2
        self._newest: int | None = None

    def extend(self, value: int) -> int:
        """The value without wrap-around: newer is always greater. The first one is kept as it is."""
        newest = self._newest
        if newest is None:
            self._newest = value
            return value
        extended = newest + (value - newest + self._half) % self._modulus - self._half
        if extended > newest:
            self._newest = extended
        return extended

    def ahead(self, value: int) -> int:
        """How far a value is ahead of the newest so far; negative when it is older. 0 before the first."""
        if self._newest is None:
            return 0
        return (value - self._newest + self._half) % self._modulus - self._half
