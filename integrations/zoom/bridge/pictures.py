"""Pictures on their way to the bridge: the ring, as each side sees it. Neither knows numpy."""

from __future__ import annotations

from types import TracebackType
from typing import NamedTuple, Self

from eyeline.integrations.zoom.bridge.messages import RingPlace
from eyeline.processing.byte_ring import ByteRing, PictureHeader, RingAddress

_MAGIC = int.from_bytes(b"for Zoom", "big")


class BridgePicture(NamedTuple):
    """A picture as the SDK takes it.

    Args:
        number: Growing from picture to picture.
        captured_at_s: On the monotonic clock.
        width_px: Even.
        height_px: Even.
        i420: Y, then U, then V, limited range.
        skipped: How many came between the one that was read before and this one.
    """

    number: int
    captured_at_s: float
    width_px: int
    height_px: int
    i420: bytes
    skipped: int


class PictureWriter:
    """The meeting process's side, which owns the memory; a context manager."""

    def __init__(self, ring: ByteRing) -> None:
        self._ring = ring
        self._number = 0

    @classmethod
    def create(cls, capacity_bytes: int) -> Self:
        """Make a ring for pictures of up to so many bytes.

        Raises:
            RingError: There is not enough shared memory.
        """
        return cls(ByteRing.create(_MAGIC, capacity_bytes))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def place(self) -> RingPlace:
        """For `Begin`."""
        return RingPlace(self._ring.address.name, self._ring.address.capacity_bytes)

    def write(self, width_px: int, height_px: int, captured_at_s: float, *planes: bytes | memoryview) -> None:
        """Leave a picture for the bridge, which has to be woken after it. Copies; never waits.

        Args:
            width_px: Even.
            height_px: Even.
            captured_at_s: On the monotonic clock.
            planes: The I420 bytes, flat, in one part or several that follow each other.

        Raises:
            ValueError: The picture is larger than the ring takes, or the bytes are not of this size.
        """
        self._number += 1
        self._ring.write(PictureHeader(self._number, captured_at_s, width_px, height_px, 0), *planes)

    def close(self) -> None:
        """Take the memory away. Harmless when repeated."""
        self._ring.close()


class PictureReader:
    """The bridge's side."""

    def __init__(self, ring: ByteRing) -> None:
        self._ring = ring
        self._last = 0

    @classmethod
    def attach(cls, place: RingPlace) -> Self:
        """Open the ring that the meeting process has made.

        Raises:
            RingError: It is gone, or is another one.
        """
        return cls(ByteRing.attach_untracked(RingAddress(place.name, _MAGIC, place.capacity_bytes)))

    def newest(self) -> BridgePicture | None:
        """The newest picture that was not read yet; `None` where there is none."""
        read = self._ring.read_newest(self._last, bytes)
        if read is None:
            return None
        header, i420 = read
        skipped, self._last = header.number - self._last - 1, header.number
        return BridgePicture(header.number, header.captured_at_s, header.width_px, header.height_px, i420, skipped)

    def close(self) -> None:
        """Let go of the memory. Harmless when repeated."""
        self._ring.close()
