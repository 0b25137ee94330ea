"""Pictures in I420, and the two kinds of frame that must never be confused.

`I420Image` is the only pixel format inside Eyeline: 8-bit planar YUV 4:2:0, limited range, BT.601 (what WebRTC's
encoders and decoders assume when a stream says nothing). The three planes lie packed in one buffer, so an image
crosses to OpenCV, to PyAV or to shared memory without a conversion.

`CapturedFrame` is what a source delivers: the raw room. `ProcessedFrame` is what may leave. Only `Picture` makes a
`ProcessedFrame`; the outgoing video accepts no other type.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.uint8]

VIDEO_CLOCK_HZ = 90_000
VIDEO_TIME_BASE = Fraction(1, VIDEO_CLOCK_HZ)


@dataclass(frozen=True, slots=True)
class I420Image:
    """One picture.

    Args:
        width_px: Even, at least 2.
        height_px: Even, at least 2.
        data: `uint8`, shape `(width_px * height_px * 3 // 2,)`, C-contiguous: Y, then U, then V.
            Treated as read-only once the image is shared between threads.

    Raises:
        ValueError: A side is odd or the buffer does not fit.
    """

    width_px: int
    height_px: int
    data: Plane

    def __post_init__(self) -> None:
        if self.width_px < 2 or self.height_px < 2 or self.width_px % 2 or self.height_px % 2:
            raise ValueError(f"I420 needs even sides, not {self.width_px}x{self.height_px}")
        if self.data.shape != (self.width_px * self.height_px * 3 // 2,) or self.data.dtype != np.uint8:
            raise ValueError(f"buffer {self.data.shape} does not hold {self.width_px}x{self.height_px} I420")

    @classmethod
    def empty(cls, width_px: int, height_px: int) -> I420Image:
        """An image with undefined content."""
        return cls(width_px, height_px, np.empty(width_px * height_px * 3 // 2, np.uint8))

    @classmethod
    def filled(cls, width_px: int, height_px: int, yuv: tuple[int, int, int]) -> I420Image:
        """An image of one colour, given as limited-range Y, U, V."""
        image = cls.empty(width_px, height_px)
        for plane, value in zip(image.planes, yuv, strict=True):
            plane.fill(value)
        return image

    @classmethod
    def from_video_frame(cls, frame: av.VideoFrame) -> I420Image:
        """Copy a PyAV frame of the format `yuv420p`; a last odd column or row is cut off.

        Raises:
            ValueError: The frame has another format, or less than 2 pixels in one direction.
        """
        if frame.format.name != "yuv420p":
            raise ValueError(f"expected yuv420p, not {frame.format.name}")
        image = cls.empty(frame.width // 2 * 2, frame.height // 2 * 2)
        for plane, source in zip(image.planes, frame.planes, strict=True):
            rows = _rows(source)
            plane[:] = rows[: plane.shape[0], : plane.shape[1]]
        return image

    @classmethod
    def from_bgr(cls, bgr: Plane) -> I420Image:
        """Convert `uint8` BGR of shape `(height, width, 3)` with even sides."""
        height_px, width_px = bgr.shape[:2]
        i420 = cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV_I420)
        return cls(width_px, height_px, np.ascontiguousarray(i420, np.uint8).reshape(-1))

    @property
    def size(self) -> tuple[int, int]:
        """`(width_px, height_px)`."""
        return self.width_px, self.height_px

    @property
    def y(self) -> Plane:
        """Luma, a view of shape `(height, width)`."""
        return self.data[: self.width_px * self.height_px].reshape(self.height_px, self.width_px)

    @property
    def u(self) -> Plane:
        """Blue chroma, a view of shape `(height / 2, width / 2)`."""
        return self._chroma(0)

    @property
    def v(self) -> Plane:
        """Red chroma, a view of shape `(height / 2, width / 2)`."""
        return self._chroma(1)

    @property
    def planes(self) -> tuple[Plane, Plane, Plane]:
        """Views of Y, U, V."""
        return self.y, self.u, self.v

    def _chroma(self, index: int) -> Plane:
        luma = self.width_px * self.height_px
        size = luma // 4
        start = luma + index * size
        return self.data[start : start + size].reshape(self.height_px // 2, self.width_px // 2)

    def scaled(self, width_px: int, height_px: int) -> I420Image:
        """This image at another (even) size; itself when the size is the same."""
        if (width_px, height_px) == self.size:
            return self
        shrinks = width_px < self.width_px
        image = I420Image.empty(width_px, height_px)
        for plane, target in zip(self.planes, image.planes, strict=True):
            cv2.resize(
                plane,
                target.shape[::-1],
                dst=target,
                interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR,
            )
        return image

    def to_bgr(self) -> Plane:
        """`uint8` BGR of shape `(height, width, 3)`."""
        packed = self.data.reshape(self.height_px * 3 // 2, self.width_px)
        return np.asarray(cv2.cvtColor(packed, cv2.COLOR_YUV2BGR_I420), np.uint8)

    def as_video_frame(self) -> av.VideoFrame:
        """A new PyAV frame over these very samples, which must then stay as they are and must not be written on.

        Costs microseconds where `to_video_frame` copies for half a millisecond. PyAV wraps packed planes only where the
        height is a multiple of four; others are copied.
        """
        if self.height_px % 4:
            return self.to_video_frame()
        return av.VideoFrame.from_numpy_buffer(self.data.reshape(self.height_px * 3 // 2, self.width_px), "yuv420p")

    def to_video_frame(self) -> av.VideoFrame:
        """A new PyAV frame with a copy of the planes, so that an encoder may mark it as it likes."""
        frame = av.VideoFrame(self.width_px, self.height_px, "yuv420p")
        for plane, target in zip(self.planes, frame.planes, strict=True):
            rows = _rows(target)
            rows[: plane.shape[0], : plane.shape[1]] = plane
        return frame


def _rows(plane: av.video.plane.VideoPlane) -> Plane:
    """The memory of a PyAV plane as rows, padding included; writable where the plane is."""
    memory: Any = plane  # a buffer, which PyAV's stubs do not say
    return np.frombuffer(memory, np.uint8).reshape(-1, plane.line_size)


def fit_within(width_px: int, height_px: int, box_width_px: int, box_height_px: int) -> tuple[int, int]:
    """The largest even size of the same shape that fits in a box and does not enlarge."""
    scale = min(1.0, box_width_px / width_px, box_height_px / height_px)
    return max(2, round(width_px * scale / 2) * 2), max(2, round(height_px * scale / 2) * 2)


@dataclass(frozen=True, slots=True)
class CapturedFrame:
    """The raw room, as a source saw it. Must not leave the machine.

    Args:
        image: The picture.
        captured_at_s: When it was captured, on the monotonic clock.
    """

    image: I420Image
    captured_at_s: float


@dataclass(frozen=True, slots=True)
class ProcessedFrame:
    """A picture that may be shown to others. Made by `Picture` alone.

    Args:
        image: The picture.
        captured_at_s: Capture time of the frame that it was made from, on the monotonic clock.
    """

    image: I420Image
    captured_at_s: float
