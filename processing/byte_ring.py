"""The ring of `ring.py` without numpy, for a process that has none: pictures are bytes here, Y, then U, then V.

Each slot has a sequence number, as in a seqlock: odd while it is written. The reader copies a slot out and then looks
at the number again; what changed meanwhile is torn and dropped. Nobody owns or locks anything, so a process that is
killed or stopped at any instant leaves nothing behind that the other one could wait for.

With three slots the writer comes back to the newest slot only after two whole pictures, tens of milliseconds after the
reader began to copy for a fraction of one. The check is therefore a second line, and needs no memory barrier.

`multiprocessing`'s resource tracker knows each block from its creation, so that one whose creator was killed is
unlinked too, once the creator and its children are gone.
"""

from __future__ import annotations

import mmap
import os
import struct
import sys
import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from multiprocessing.shared_memory import SharedMemory
from types import TracebackType
from typing import NamedTuple, Self, TypeVar

SLOTS = 3

_BLOCK = struct.Struct("=QQ")  # magic, bytes of a picture
_SLOT = struct.Struct("=QdIIQ")  # as `PictureHeader`; the sequence goes before
_SEQUENCE_BYTES = 8
_ALIGNMENT = 64
_HEADER_BYTES = _ALIGNMENT

T = TypeVar("T")


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


class PictureHeader(NamedTuple):
    """What a slot says of its picture.

    Args:
        number: Above 0, growing from picture to picture.
        captured_at_s: On the monotonic clock, which the processes of one machine share.
        width_px: Even.
        height_px: Even.
        generation: Of the effects that it was made with; the ring only carries it.
    """

    number: int
    captured_at_s: float
    width_px: int
    height_px: int
    generation: int

    @property
    def size_bytes(self) -> int:
        """Of the I420 picture."""
        return self.width_px * self.height_px * 3 // 2


class ByteRing:
    """One side of a ring; a context manager. `create` makes the owning side, `attach` the other one."""

    def __init__(self, buffer: memoryview, address: RingAddress, let_go: Callable[[], None]) -> None:
        self.address = address
        stride = _stride(address.capacity_bytes)
        starts = [_ALIGNMENT + slot * stride for slot in range(SLOTS)]
        self._sequences = [buffer[start : start + _SEQUENCE_BYTES].cast("Q") for start in starts]
        self._headers = [buffer[start + _SEQUENCE_BYTES : start + _HEADER_BYTES] for start in starts]
        payloads = [start + _HEADER_BYTES for start in starts]
        self._payloads = [buffer[start : start + address.capacity_bytes] for start in payloads]
        self._next_slot = 0
        views = (*self._sequences, *self._headers, *self._payloads, buffer)
        self._release = weakref.finalize(self, _release, views, let_go)

    @classmethod
    def create(cls, magic: int, capacity_bytes: int) -> Self:
        """Make a ring; leaving its context unlinks it.

        Raises:
            RingError: There is not enough shared memory.
        """
        size = _size(capacity_bytes)
        try:
            memory = SharedMemory(create=True, size=size)
        except OSError as error:
            raise RingError(f"no {size >> 20} MB of shared memory: {error.strerror}") from error

        def unlink() -> None:
            memory.close()
            memory.unlink()

        try:
            _reserve(memory.name, size)
        except OSError as error:
            unlink()
            raise RingError(f"no {size >> 20} MB of shared memory: {error.strerror}") from error
        buffer = _buffer(memory)
        _BLOCK.pack_into(buffer, 0, magic, capacity_bytes)
        return cls(buffer, RingAddress(memory.name, magic, capacity_bytes), unlink)

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
        buffer = _buffer(memory)
        if not _is_at(buffer, address):
            memory.close()
            raise RingError(f"{address.name} is another ring")
        return cls(buffer, address, memory.close)

    @classmethod
    def attach_untracked(cls, address: RingAddress) -> Self:
        """`attach`, on Linux, for a process that `multiprocessing` did not start.

        Such a process would get a resource tracker of its own, and that one would unlink the ring with the process's
        end. Python 3.13 can be told not to; this works in all.

        Raises:
            RingError: It is gone, or another ring is there.
        """
        try:
            descriptor = os.open(_path(address.name), os.O_RDWR | os.O_CLOEXEC)
        except (OSError, ValueError) as error:
            raise RingError(f"{address.name} is gone") from error
        try:
            memory = mmap.mmap(descriptor, 0)
        except (OSError, ValueError) as error:
            raise RingError(f"{address.name} is another ring") from error
        finally:
            os.close(descriptor)
        buffer = memoryview(memory)
        if not _is_at(buffer, address):
            buffer.release()
            memory.close()
            raise RingError(f"{address.name} is another ring")
        return cls(buffer, address, memory.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the memory; the creator also unlinks it. Harmless when repeated, and done for who forgets it."""
        self._release()

    def write(self, header: PictureHeader, *planes: bytes | memoryview) -> None:
        """Overwrite the oldest picture. Copies; never waits.

        Args:
            header: Of the picture.
            planes: Its bytes, flat, in one part or several that follow each other.

        Raises:
            ValueError: The picture is larger than a slot, or the parts do not make up the picture.
        """
        size = sum(len(plane) for plane in planes)
        if size > self.address.capacity_bytes:
            raise ValueError(
                f"{header.width_px}x{header.height_px} does not fit in {self.address.capacity_bytes} bytes"
            )
        if size != header.size_bytes:
            raise ValueError(f"{size} bytes are no {header.width_px}x{header.height_px} I420")
        slot, self._next_slot = self._next_slot, (self._next_slot + 1) % SLOTS
        sequence, payload = self._sequences[slot], self._payloads[slot]
        begun = sequence[0] + 1 | 1  # odd, and another one than a killed writer may have left
        sequence[0] = begun
        _SLOT.pack_into(self._headers[slot], 0, *header)
        start = 0
        for plane in planes:
            payload[start : start + len(plane)] = plane
            start += len(plane)
        sequence[0] = begun + 1

    def read_newest(self, after: int, copied: Callable[[memoryview], T]) -> tuple[PictureHeader, T] | None:
        """The newest whole picture with a number above `after`; `None` where there is none. Never waits.

        Args:
            after: The number of the picture that was read last.
            copied: Makes the reader's own copy; must not keep what it is given.
        """
        numbers = [_SLOT.unpack_from(header)[0] for header in self._headers]
        for slot in sorted(range(SLOTS), key=numbers.__getitem__, reverse=True):
            picture = self.copy_slot(slot, copied) if numbers[slot] > after else None
            if picture is not None and picture[0].number > after:
                return picture
        return None

    def copy_slot(self, slot: int, copied: Callable[[memoryview], T]) -> tuple[PictureHeader, T] | None:
        """What one slot holds; `None` where that is no whole picture."""
        before = self._sequences[slot][0]
        header = PictureHeader(*_SLOT.unpack_from(self._headers[slot]))
        size = header.size_bytes
        if before % 2 or header.width_px % 2 or header.height_px % 2 or not 0 < size <= self.address.capacity_bytes:
            return None
        data = copied(self._payloads[slot][:size])
        return (header, data) if self._sequences[slot][0] == before else None


def _buffer(memory: SharedMemory) -> memoryview:
    if memory.buf is None:
        raise RingError(f"{memory.name} is closed")
    return memory.buf


def _is_at(buffer: memoryview, address: RingAddress) -> bool:
    """The block may be larger than it was asked for, in whole pages."""
    if not 0 < _size(address.capacity_bytes) <= len(buffer):
        return False
    return _BLOCK.unpack_from(buffer) == (address.magic, address.capacity_bytes)


def _release(views: Iterable[memoryview], let_go: Callable[[], None]) -> None:
    for view in views:
        view.release()
    let_go()


def _size(capacity_bytes: int) -> int:
    return _ALIGNMENT + SLOTS * _stride(capacity_bytes)


def _stride(capacity_bytes: int) -> int:
    return _HEADER_BYTES + -(-capacity_bytes // _ALIGNMENT) * _ALIGNMENT


def _path(name: str) -> str:
    """Where Linux keeps shared memory.

    Raises:
        ValueError: The name leads elsewhere.
    """
    if not name or "/" in name or name.startswith("."):
        raise ValueError(f"{name!r} is no name of shared memory")
    return f"/dev/shm/{name}"  # noqa: S108


def _reserve(name: str, size: int) -> None:
    """Have the memory for sure. Linux promises more than there is, and ends who writes to the rest by SIGBUS."""
    if sys.platform == "linux":
        descriptor = os.open(_path(name), os.O_RDWR)
        try:
            os.posix_fallocate(descriptor, 0, size)
        finally:
            os.close(descriptor)
