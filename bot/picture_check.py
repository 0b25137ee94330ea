"""Pictures from others: checked before anything is decoded, and kept as nothing but their pixels."""

from __future__ import annotations

import tempfile
from pathlib import Path

import cv2

from eyeline.bot.picture_header import picture_header
from eyeline.processing.errors import BackgroundError, SourceError
from eyeline.processing.picture_file import read_picture

_JPEG_QUALITY = 95


class PictureKindError(BackgroundError):
    """It is no picture of a kind that is taken."""

    code = "upload_kind"


def pixels_alone(content: bytes, max_pixels: int) -> bytes:
    """The picture made anew as a JPEG, so that nothing of what was sent is kept but what can be seen. Blocks.

    Raises:
        PictureKindError: It is no picture of a kind that is taken.
        BackgroundError: It is too large, or cannot be decoded.
    """
    header = picture_header(content)
    if header is None:
        raise PictureKindError(
            "That is no JPEG, PNG or WebP picture, or not only that.", hint="Save it anew as one of them."
        )
    if not 0 < header.width_px * header.height_px <= max_pixels:
        raise BackgroundError(
            f"A picture of {header.width_px}x{header.height_px} is not taken.",
            hint=f"At most {max_pixels // 1_000_000} megapixels are.",
        )
    with tempfile.TemporaryDirectory(prefix="eyeline-") as folder:
        path = Path(folder) / f"picture.{header.kind.value}"
        path.write_bytes(content)
        try:
            pixels = read_picture(path, max_pixels=max_pixels)
        except SourceError as error:
            raise BackgroundError("The picture is damaged.") from error
    done, jpeg = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    if not done:
        raise BackgroundError("The picture cannot be kept.")
    return jpeg.tobytes()
