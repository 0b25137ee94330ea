"""Animated WebP, which libav cannot read: the frames are cut out of the file and decoded one by one.

Container: RFC 9649, section 2.7. Nothing is decoded before the sizes in its own header were looked at.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import cv2
import numpy as np
from numpy.typing import NDArray

from eyeline.processing.errors import SourceError
from eyeline.processing.frame import Plane

_ANIMATED = 0x02
_ALPHA = 0x10
_DISPOSE, _OVERWRITE = 0x01, 0x02
_LEAST_S = 0.01  # shorter times are an old way to say "not said"
_USUAL_S = 0.1
_HEAD_BYTES = 30
_FRAME_HEAD_BYTES = 16


@dataclass(frozen=True, slots=True)
class WebpFrame:
    """A whole picture and how long it is shown; `uint8` BGRA of shape `(height, width, 4)`."""

    bgra: Plane
    lasts_s: float


def is_animated_webp(head: bytes) -> bool:
    """Whether a file that begins so (30 bytes) is an animated WebP."""
    return head[:4] == b"RIFF" and head[8:16] == b"WEBPVP8X" and len(head) > 20 and bool(head[20] & _ANIMATED)


def canvas_px(head: bytes) -> tuple[int, int]:
    """Width and height, of the first 30 bytes.

    Raises:
        SourceError: The file is cut off.
    """
    if len(head) < _HEAD_BYTES:
        raise SourceError("The animation is cut off.")
    return _u24(head, 24) + 1, _u24(head, 27) + 1


def webp_frames(file: BinaryIO, *, max_pixels: int) -> Iterator[WebpFrame]:
    """All frames once, each put over those before as the file says.

    Raises:
        SourceError: While iterating: the file is damaged or too large.
    """
    file.seek(0)
    width_px, height_px = canvas_px(file.read(_HEAD_BYTES))
    if width_px * height_px > max_pixels:
        raise SourceError(f"The animation has {width_px}x{height_px} pixels.")
    canvas = np.zeros((height_px, width_px, 4), np.uint8)
    for part in _parts(file):
        area = canvas[part.top : part.top + part.height, part.left : part.left + part.width]
        if area.shape[:2] != (part.height, part.width):
            raise SourceError("The animation is damaged: a frame does not fit in it.")
        _put(area, _decoded(part), blend=not part.flags & _OVERWRITE)
        yield WebpFrame(canvas.copy(), part.lasts_s)
        if part.flags & _DISPOSE:
            area[:] = 0


@dataclass(frozen=True, slots=True)
class _Part:
    left: int
    top: int
    width: int
    height: int
    lasts_s: float
    flags: int
    chunks: bytes


def _parts(file: BinaryIO) -> Iterator[_Part]:
    at = 12
    while True:
        file.seek(at)
        head = file.read(8)
        if len(head) < 8:
            return
        size = struct.unpack_from("<I", head, 4)[0]
        if head[:4] == b"ANMF":
            body = file.read(size)
            if len(body) < size or size < _FRAME_HEAD_BYTES:
                raise SourceError("The animation is cut off.")
            yield _part(body)
        at += 8 + size + size % 2


def _part(body: bytes) -> _Part:
    said_s = _u24(body, 12) / 1000
    return _Part(
        left=_u24(body, 0) * 2,
        top=_u24(body, 3) * 2,
        width=_u24(body, 6) + 1,
        height=_u24(body, 9) + 1,
        lasts_s=said_s if said_s > _LEAST_S else _USUAL_S,
        flags=body[15],
        chunks=body[_FRAME_HEAD_BYTES:],
    )


def _decoded(part: _Part) -> NDArray[np.uint8]:
    """The part's pixels: the bitstream, put into a still WebP of its own."""
    if _coded_size(part.chunks) != (part.width, part.height):
        raise SourceError("The animation is damaged: a frame is not as large as it says.")
    chunks = part.chunks
    if chunks[:4] == b"ALPH":
        sides = (part.width - 1).to_bytes(3, "little") + (part.height - 1).to_bytes(3, "little")
        chunks = b"VP8X" + struct.pack("<IB3x", 10, _ALPHA) + sides + chunks
    still = b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WEBP" + chunks
    try:
        pixels = cv2.imdecode(np.frombuffer(still, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        pixels = None
    if pixels is None or pixels.shape[:2] != (part.height, part.width):
        raise SourceError("The animation is damaged: a frame cannot be decoded.")
    if pixels.shape[2] == 3:
        return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2BGRA), np.uint8)
    return np.asarray(pixels, np.uint8)


def _coded_size(chunks: bytes) -> tuple[int, int]:
    """Width and height as the bitstream says them; zeros where there is none. RFC 6386, 9.1, and RFC 9649, 3.4."""
    at = 0
    while at + 8 <= len(chunks):
        name, size = chunks[at : at + 4], struct.unpack_from("<I", chunks, at + 4)[0]
        body = chunks[at + 8 : at + 18]
        if name == b"VP8 " and len(body) == 10:
            return struct.unpack_from("<H", body, 6)[0] & 0x3FFF, struct.unpack_from("<H", body, 8)[0] & 0x3FFF
        if name == b"VP8L" and len(body) >= 5:
            bits = struct.unpack_from("<I", body, 1)[0]
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        at += 8 + size + size % 2
    return 0, 0


def _put(area: Plane, pixels: Plane, *, blend: bool) -> None:
    if not blend:
        area[:] = pixels
        return
    over = pixels[..., 3:].astype(np.float32) / 255
    under = area[..., 3:].astype(np.float32) / 255 * (1 - over)
    alpha = over + under
    mixed = pixels[..., :3] * over + area[..., :3] * under
    area[..., :3] = np.rint(mixed / np.maximum(alpha, 1e-6))
    area[..., 3:] = np.rint(alpha * 255)


def _u24(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 3], "little")
