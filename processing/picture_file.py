"""Still pictures: read with limits, upright and opaque."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from eyeline.processing.container import FileKind, read_header
from eyeline.processing.errors import SourceError
from eyeline.processing.frame import I420Image, Plane

MAX_FILE_BYTES = 64 << 20
_GREY = 128.0
_TRAILING_BYTES = 1 << 16  # some programs append things to a PNG

# The only OpenCV mode that keeps an alpha channel and still turns the picture as its EXIF tag says.
_AS_STORED_BUT_UPRIGHT = cv2.IMREAD_COLOR | cv2.IMREAD_ANYCOLOR | cv2.IMREAD_ANYDEPTH

# What OpenCV cannot decode, it also tells standard error, in words for its own developers.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


def read_picture(path: Path, *, max_pixels: int) -> Plane:
    """Decode a picture; what is transparent shows grey.

    Size and file length are checked before anything is decoded.

    Returns:
        `uint8` BGR of shape `(height, width, 3)`.

    Raises:
        SourceError: The file is missing, no picture, damaged or too large.
    """
    check_picture_length(path)
    if read_header(path, max_pixels=max_pixels).kind is not FileKind.PICTURE:
        raise SourceError(f"{path.name} is a video, not a picture.")
    try:
        stored = np.fromfile(path, np.uint8)
        _check_whole(stored.tobytes(), path)
        pixels = cv2.imdecode(stored, _AS_STORED_BUT_UPRIGHT)
    except (cv2.error, OSError) as error:
        raise SourceError(f"{path.name} cannot be decoded.") from error
    if pixels is None:
        raise SourceError(f"{path.name} cannot be decoded.")
    return _opaque_bgr(_eight_bit(pixels, path))


def check_picture_length(path: Path) -> None:
    """Refuse a file that is longer than any sensible picture.

    Raises:
        SourceError: It is, or cannot be looked at.
    """
    try:
        length = path.stat().st_size
    except OSError as error:
        raise SourceError(f"There is no file {path}.") from error
    if length > MAX_FILE_BYTES:
        raise SourceError(f"{path.name} has more than {MAX_FILE_BYTES >> 20} MB.")


def picture_image(bgr: Plane) -> I420Image:
    """A picture as I420; an odd last column or row is doubled."""
    height_px, width_px = bgr.shape[:2]
    even = cv2.copyMakeBorder(bgr, 0, height_px % 2, 0, width_px % 2, cv2.BORDER_REPLICATE)
    return I420Image.from_bgr(np.asarray(even, np.uint8))


def on_grey(bgra: Plane) -> Plane:
    """`uint8` BGRA of shape `(height, width, 4)` as BGR; what is transparent shows grey."""
    alpha = bgra[..., 3:].astype(np.float32) / 255
    return np.rint(bgra[..., :3] * alpha + _GREY * (1 - alpha)).astype(np.uint8)


def _check_whole(data: bytes, path: Path) -> None:
    """Refuse what is cut off: decoders fill the missing part with grey, without a word."""
    if data.startswith(b"\xff\xd8"):  # JPEG: the end of the image comes after its last scan begins
        whole = data.rfind(b"\xff\xd9") > data.rfind(b"\xff\xda")
    elif data.startswith(b"\x89PNG"):
        whole = b"IEND" in data[-_TRAILING_BYTES:]
    elif data.startswith(b"RIFF"):
        whole = int.from_bytes(data[4:8], "little") + 8 <= len(data)
    else:
        return
    if not whole:
        raise SourceError(f"{path.name} is cut off.")


def _eight_bit(pixels: NDArray[Any], path: Path) -> Plane:
    if pixels.dtype == np.uint8:
        return pixels
    if pixels.dtype == np.uint16:
        return (pixels >> 8).astype(np.uint8)
    raise SourceError(f"{path.name} has {pixels.dtype} samples; only 8 and 16 bits are understood.")


def _opaque_bgr(pixels: Plane) -> Plane:
    if pixels.ndim == 2:
        return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR), np.uint8)
    if pixels.shape[2] == 3:
        return pixels
    return on_grey(pixels)
