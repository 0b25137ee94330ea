"""What carries the bridge channel's texts: one of two ways to the bridge, behind one protocol."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Protocol

Say = Callable[[str], Awaitable[None]]


class Attempt(Enum):
    """How one connection ended.

    `SERVED`: it was open and something was heard. `REFUSED`: the bridge does not know us. `FAILED`: it was not
    reached. `BROKEN`: it was open, and on this way it cannot be opened again. `ABSENT`: there is no such way.
    """

    SERVED = "served"
    REFUSED = "refused"
    FAILED = "failed"
    BROKEN = "broken"
    ABSENT = "absent"


class BridgeLink(Protocol):
    """One way to the bridge."""

    @property
    def name(self) -> str:
        """For the log."""
        ...

    async def carry(self, opened: Callable[[Say], Awaitable[None]], heard: Callable[[str], None]) -> Attempt:
        """Connect, carry texts both ways until the connection ends, and close it, also when cancelled.

        Args:
            opened: Called once the connection stands, with what sends a text on it; losses are the reader's to see.
            heard: Takes every text. Must not block, and does not fail.
        """
        ...
