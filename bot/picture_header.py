"""What kind of picture some bytes are, and how large, before anything is decoded: JPEG, PNG or WebP and nothing else.

The structure is walked to its end, and there it must end: whatever else a file is at the same time (an archive behind a
picture, a script behind a header) makes it no picture.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import Enum

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG_END = 0xD9
_JPEG_SCAN = 0xDA
_JPEG_BARE = frozenset({0x01, *range(0xD0, 0xD8)})
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_WEBP_ANIMATED = 0x02


class PictureKind(Enum):
    """Kinds that are taken."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"


@dataclass(frozen=True, slots=True)
class PictureHeader:
    """What a picture says of itself, before any rotation."""

    kind: PictureKind
    width_px: int
    height_px: int


def picture_header(content: bytes) -> PictureHeader | None:
    """Look at a whole file; `None` where it is no picture of a kind that is taken, or not only that."""
    try:
        if content.startswith(_PNG):
            return _png(content)
        if content.startswith(b"\xff\xd8\xff"):
            return _jpeg(content)
        if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
            return _webp(content)
    except (struct.error, IndexError):
        return None
    return None


def _png(content: bytes) -> PictureHeader | None:
    """PNG, third edition, section 5."""
    length, name, width_px, height_px = struct.unpack_from(">I4sII", content, len(_PNG))
    if name != b"IHDR" or length != 13:
        return None
    at = len(_PNG)
    while name != b"IEND":
        length, name = struct.unpack_from(">I4s", content, at)
        at += 12 + length
    return PictureHeader(PictureKind.PNG, width_px, height_px) if at == len(content) else None


def _jpeg(content: bytes) -> PictureHeader | None:
    """ITU-T T.81, annex B."""
    at, size_px = 2, None
    while True:
        if content[at] != 0xFF:
            return None
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        at += 2
        if marker == _JPEG_END:
            break
        if marker in _JPEG_BARE:
            continue
        (length,) = struct.unpack_from(">H", content, at)
        if marker in _JPEG_FRAMES:
            if size_px is not None:
                return None
            height_px, width_px = struct.unpack_from(">HH", content, at + 3)
            size_px = width_px, height_px
        at += length
        if marker == _JPEG_SCAN:
            at = _after_scan(content, at)
    return PictureHeader(PictureKind.JPEG, *size_px) if size_px and at == len(content) else None


def _after_scan(content: bytes, at: int) -> int:
    """Where the next marker is; a stuffed zero and a restart are part of the scan."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0:
            raise IndexError
        if content[at + 1] != 0 and not 0xD0 <= content[at + 1] <= 0xD7:
            return at
        at += 2


def _webp(content: bytes) -> PictureHeader | None:
    """RFC 9649, section 2; moving ones are not taken."""
    (length,) = struct.unpack_from("<I", content, 4)
    if length + 8 != len(content):
        return None
    name, body = content[12:16], 20
    if name == b"VP8X":
        if content[body] & _WEBP_ANIMATED:
            return None
        width_px = 1 + int.from_bytes(content[body + 4 : body + 7], "little")
        height_px = 1 + int.from_bytes(content[body + 7 : body + 10], "little")
    elif name == b"VP8 ":
        width_px, height_px = (side & 0x3FFF for side in struct.unpack_from("<HH", content, body + 6))
    elif name == b"VP8L":
        (bits,) = struct.unpack_from("<I", content, body + 1)
        width_px, height_px = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    else:
        return None
    return PictureHeader(PictureKind.WEBP, width_px, height_px)
