"""Pictures between two processes: a ring of slots in shared memory, one writer, one reader, the newest wins.

Each slot has a sequence number, as in a seqlock: odd while it is written. The reader copies a slot out and then looks
at the number again; what changed meanwhile is torn and dropped. Nobody owns or locks anything, so a process that is
killed or stopped at any instant leaves nothing behind that the other one could wait for.

With three slots the writer comes back to the newest slot only after two whole pictures, tens of milliseconds after the
reader began to copy for a fraction of one. The check is therefore a second line, and needs no memory barrier.

`multiprocessing`'s resource tracker knows each block from its creation, so that one whose creator was killed is
unlinked too, once the creator and its children are gone.
"""

from __future__ import annotations

import os
import struct
import sys
import weakref
from collections.abc import Iterable
from dataclasses import dataclass
from multiprocessing.shared_memory import SharedMemory
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from eyeline.processing.frame import I420Image

SLOTS = 3

_BLOCK = struct.Struct("=QQ")  # magic, bytes of a picture
_SLOT = struct.Struct("=QdIIQ")  # number, captured_at_s, width, height, generation; the sequence goes before
_SEQUENCE_BYTES = 8
_ALIGNMENT = 64
_HEADER_BYTES = _ALIGNMENT


class RingError(Exception):
    """A ring cannot be made or is not the one that was expected."""


@dataclass(frozen=True, slots=True)
class RingAddress:
    """Where another process finds a ring; may be pickled.

    Args:
        name: Of the shared memory.
        magic: What the ring is for: a ring of another magic is refused.
        capacity_bytes: The largest picture that a slot takes.
    """

    name: str
    magic: int
    capacity_bytes: int


@dataclass(frozen=True, slots=True)
class RingPicture:
    """A picture in a ring, or read from one.

    Args:
        number: Above 0, growing from picture to picture.
        captured_at_s: On the monotonic clock, which the processes of one machine share.
        generation: Of the effects that it was made with; the ring only carries it.
        image: When read: a copy, the reader's own.
    """

    number: int
    captured_at_s: float
    generation: int
    image: I420Image


class PictureRing:
    """One side of a ring; a context manager. `create` makes the owning side, `attach` the other one."""

    def __init__(self, memory: SharedMemory, address: RingAddress, *, owner: bool) -> None:
        self.address = address
        buffer = _buffer(memory)
        stride = _stride(address.capacity_bytes)
        starts = [_ALIGNMENT + slot * stride for slot in range(SLOTS)]
        self._sequences = [buffer[start : start + _SEQUENCE_BYTES].cast("Q") for start in starts]
        self._headers = [buffer[start + _SEQUENCE_BYTES : start + _HEADER_BYTES] for start in starts]
        payloads = [start + _HEADER_BYTES for start in starts]
        self._payloads = [buffer[start : start + address.capacity_bytes] for start in payloads]
        self._next_slot = 0
        views = (*self._sequences, *self._headers, *self._payloads)
        self._release = weakref.finalize(self, _release, memory, views, unlink=owner)

    @classmethod
    def create(cls, magic: int, capacity_bytes: int) -> Self:
        """Make a ring; leaving its context unlinks it.

        Raises:
            RingError: There is not enough shared memory.
        """
        size = _ALIGNMENT + SLOTS * _stride(capacity_bytes)
        try:
            memory = SharedMemory(create=True, size=size)
        except OSError as error:
            raise RingError(f"no {size >> 20} MB of shared memory: {error.strerror}") from error
        try:
            _reserve(memory.name, size)
        except OSError as error:
            memory.close()
            memory.unlink()
            raise RingError(f"no {size >> 20} MB of shared memory: {error.strerror}") from error
        _BLOCK.pack_into(_buffer(memory), 0, magic, capacity_bytes)
        return cls(memory, RingAddress(memory.name, magic, capacity_bytes), owner=True)

    @classmethod
    def attach(cls, address: RingAddress) -> Self:
        """Open the ring that another process has made.

        Raises:
            RingError: It is gone, or another ring is there.
        """
        try:
            memory = SharedMemory(address.name)
        except OSError as error:
            raise RingError(f"{address.name} is gone") from error
        if _BLOCK.unpack_from(_buffer(memory)) != (address.magic, address.capacity_bytes):
            memory.close()
            raise RingError(f"{address.name} is another ring")
        return cls(memory, address, owner=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the memory; the creator also unlinks it. Harmless when repeated, and done for who forgets it."""
        self._release()

    def write(self, picture: RingPicture) -> None:
        """Overwrite the oldest picture. Copies; never waits.

        Raises:
            ValueError: The picture is larger than a slot.
        """
        image = picture.image
        if image.data.size > self.address.capacity_bytes:
            raise ValueError(f"{image.width_px}x{image.height_px} does not fit in {self.address.capacity_bytes} bytes")
        slot, self._next_slot = self._next_slot, (self._next_slot + 1) % SLOTS
        sequence, header = self._sequences[slot], self._headers[slot]
        begun = sequence[0] + 1 | 1  # odd, and another one than a killed writer may have left
        sequence[0] = begun
        _SLOT.pack_into(
            header, 0, picture.number, picture.captured_at_s, image.width_px, image.height_px, picture.generation
        )
        _array(self._payloads[slot], image.data.size)[:] = image.data
        sequence[0] = begun + 1

    def read_newest(self, after: int) -> RingPicture | None:
        """The newest whole picture with a number above `after`; `None` where there is none. Copies; never waits."""
        numbers = [_SLOT.unpack_from(header)[0] for header in self._headers]
        for slot in sorted(range(SLOTS), key=numbers.__getitem__, reverse=True):
            if numbers[slot] > after and (picture := self._copy(slot)) is not None and picture.number > after:
                return picture
        return None

    def _copy(self, slot: int) -> RingPicture | None:
        before = self._sequences[slot][0]
        number, captured_at_s, width_px, height_px, generation = _SLOT.unpack_from(self._headers[slot])
        size = width_px * height_px * 3 // 2
        if before % 2 or width_px % 2 or height_px % 2 or not 0 < size <= self.address.capacity_bytes:
            return None
        data = _copied(self._payloads[slot], size)
        if self._sequences[slot][0] != before:
            return None
        return RingPicture(number, captured_at_s, generation, I420Image(width_px, height_px, data))


def _buffer(memory: SharedMemory) -> memoryview:
    if memory.buf is None:
        raise RingError(f"{memory.name} is closed")
    return memory.buf


def _array(payload: memoryview, size: int) -> npt.NDArray[np.uint8]:
    """For the moment: memory that an array still looks at cannot be let go of."""
    return np.frombuffer(payload, np.uint8, size)


def _copied(payload: memoryview, size: int) -> npt.NDArray[np.uint8]:
    return _array(payload, size).copy()


def _release(memory: SharedMemory, views: Iterable[memoryview], *, unlink: bool) -> None:
    for view in views:
        view.release()
    memory.close()
    if unlink:
        memory.unlink()


def _stride(capacity_bytes: int) -> int:
    return _HEADER_BYTES + -(-capacity_bytes // _ALIGNMENT) * _ALIGNMENT


def _reserve(name: str, size: int) -> None:
    """Have the memory for sure. Linux promises more than there is, and ends who writes to the rest by SIGBUS."""
    if sys.platform == "linux":
        descriptor = os.open(f"/dev/shm/{name}", os.O_RDWR)  # noqa: S108 - where Linux keeps shared memory
        try:
            os.posix_fallocate(descriptor, 0, size)
        finally:
            os.close(descriptor)
