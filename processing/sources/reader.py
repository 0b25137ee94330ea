"""What every kind of source is to the thread that reads it."""

from __future__ import annotations

from typing import Protocol, TypeVar

from eyeline.processing.frame import CapturedFrame
from eyeline.processing.sources.blocks import AudioBlock

WAIT_S = 0.1
"""How long a reader may wait before it says that there is nothing yet, so that its thread can be ended."""

T_co = TypeVar("T_co", covariant=True)


class Reader(Protocol[T_co]):
    """Opened, read and closed in one thread, and never opened twice. Every method may block.

    Every method but `close` raises `SourceError` when the source is lost.
    """

    def open(self) -> None:
        """Open the device, file or stream."""

    def read(self) -> T_co | None:
        """The next item, or `None` when none came within about `WAIT_S`."""

    def skip(self) -> bool:
        """Pass over the next item with as little work as possible; whether there was one."""

    def close(self) -> None:
        """Let go of everything. May be called in any state; raises nothing."""


FrameReader = Reader[CapturedFrame]
BlockReader = Reader[AudioBlock]
