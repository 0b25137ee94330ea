"""What the bridge needs of an event loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Loop(Protocol):
    """One thread, the one that the SDK calls back on."""

    def watch(self, descriptor: int, readable: Callable[[], None]) -> Callable[[], None]:
        """Call whenever there is something to read, or the other side is gone; until what is returned is called."""
        ...

    def every(self, interval_ms: int, tick: Callable[[], None]) -> None:
        """Call again and again. After a pause of the whole process the ticks that were missed do not come."""
        ...

    def after(self, delay_ms: int, due: Callable[[], None]) -> None:
        """Call once."""
        ...

    def run(self) -> None:
        """Until `stop`."""
        ...

    def stop(self) -> None:
        """End `run` after the call that is under way."""
        ...
