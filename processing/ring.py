"""Pictures between two processes: a ring of slots in shared memory, one writer, one reader, the newest wins.

How it works, and why nothing can block or be lost in it, is told in `byte_ring.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from eyeline.processing.byte_ring import ByteRing, PictureHeader, RingAddress
from eyeline.processing.frame import I420Image


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

    def __init__(self, ring: ByteRing) -> None:
        self._ring = ring

    @classmethod
    def create(cls, magic: int, capacity_bytes: int) -> Self:
        """Make a ring; leaving its context unlinks it.

        Raises:
            RingError: There is not enough shared memory.
        """
        return cls(ByteRing.create(magic, capacity_bytes))

    @classmethod
    def attach(cls, address: RingAddress) -> Self:
        """Open the ring that another process has made.

        Raises:
            RingError: It is gone, or another ring is there.
        """
        return cls(ByteRing.attach(address))

    @property
    def address(self) -> RingAddress:
        """For the other side."""
        return self._ring.address

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the memory; the creator also unlinks it. Harmless when repeated, and done for who forgets it."""
        self._ring.close()

    def write(self, picture: RingPicture) -> None:
        """Overwrite the oldest picture. Copies; never waits.

        Raises:
            ValueError: The picture is larger than a slot.
        """
        image = picture.image
        header = PictureHeader(
            picture.number, picture.captured_at_s, image.width_px, image.height_px, picture.generation
        )
        self._ring.write(header, image.data.data)

    def read_newest(self, after: int) -> RingPicture | None:
        """The newest whole picture with a number above `after`; `None` where there is none. Copies; never waits."""
        read = self._ring.read_newest(after, _copied)
        if read is None:
            return None
        header, data = read
        image = I420Image(header.width_px, header.height_px, data)
        return RingPicture(header.number, header.captured_at_s, header.generation, image)


def _copied(payload: memoryview) -> npt.NDArray[np.uint8]:
    """The array looks at the memory for a moment only: what an array still looks at cannot be let go of."""
    return np.frombuffer(payload, np.uint8).copy()
