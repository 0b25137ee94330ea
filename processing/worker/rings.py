"""The two rings of a worker. Raw and processed frames cannot be mixed up: other types, other memory, other magic.

The reader of `ProcessedRing` makes `ProcessedFrame`s, as `Picture` does: what is in that ring was one in the worker.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Self

from eyeline.processing.byte_ring import RingAddress
from eyeline.processing.frame import CapturedFrame, ProcessedFrame
from eyeline.processing.ring import PictureRing, RingPicture

_RAW_MAGIC = int.from_bytes(b"raw room", "big")
_PROCESSED_MAGIC = int.from_bytes(b"may be 1", "big")


class _Ring:
    """What both rings have in common."""

    def __init__(self, ring: PictureRing) -> None:
        self._ring = ring

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ring.close()

    @property
    def address(self) -> RingAddress:
        """For the other side."""
        return self._ring.address


@dataclass(frozen=True, slots=True)
class NumberedCapture:
    """A captured frame and its number."""

    number: int
    frame: CapturedFrame


@dataclass(frozen=True, slots=True)
class MadePicture:
    """A processed frame, the number of the frame it was made from, and the generation of its effects."""

    number: int
    generation: int
    frame: ProcessedFrame


class RawRing(_Ring):
    """Captured frames on their way to the worker."""

    @classmethod
    def create(cls, capacity_bytes: int) -> Self:
        """See `PictureRing.create`."""
        return cls(PictureRing.create(_RAW_MAGIC, capacity_bytes))

    @classmethod
    def attach(cls, address: RingAddress) -> Self:
        """See `PictureRing.attach`; refuses any other ring."""
        return cls(PictureRing.attach(RingAddress(address.name, _RAW_MAGIC, address.capacity_bytes)))

    def write(self, number: int, frame: CapturedFrame) -> None:
        """See `PictureRing.write`."""
        self._ring.write(RingPicture(number, frame.captured_at_s, 0, frame.image))

    def read_newest(self, after: int) -> NumberedCapture | None:
        """See `PictureRing.read_newest`."""
        read = self._ring.read_newest(after)
        return None if read is None else NumberedCapture(read.number, CapturedFrame(read.image, read.captured_at_s))


class ProcessedRing(_Ring):
    """Processed frames on their way back."""

    @classmethod
    def create(cls, capacity_bytes: int) -> Self:
        """See `PictureRing.create`."""
        return cls(PictureRing.create(_PROCESSED_MAGIC, capacity_bytes))

    @classmethod
    def attach(cls, address: RingAddress) -> Self:
        """See `PictureRing.attach`; refuses any other ring."""
        return cls(PictureRing.attach(RingAddress(address.name, _PROCESSED_MAGIC, address.capacity_bytes)))

    def write(self, number: int, generation: int, frame: ProcessedFrame) -> None:
        """See `PictureRing.write`.

        Raises:
            TypeError: Anything but a `ProcessedFrame` was given.
        """
        if type(frame) is not ProcessedFrame:
            raise TypeError(f"only a ProcessedFrame may leave, not {type(frame).__name__}")
        self._ring.write(RingPicture(number, frame.captured_at_s, generation, frame.image))

    def read_newest(self, after: int) -> MadePicture | None:
        """See `PictureRing.read_newest`."""
        read = self._ring.read_newest(after)
        return (
            None
            if read is None
            else MadePicture(read.number, read.generation, ProcessedFrame(read.image, read.captured_at_s))
        )
