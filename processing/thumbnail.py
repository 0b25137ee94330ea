"""Small pictures of backgrounds, made once and kept in the user's cache."""

from __future__ import annotations

import hashlib
import logging
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import platformdirs

from eyeline.processing.art import painted
from eyeline.processing.backgrounds import Pace, open_file
from eyeline.processing.errors import BackgroundError, RenderError
from eyeline.processing.frame import Plane
from eyeline.processing.partial_file import written_whole

log = logging.getLogger(__name__)

THUMBNAIL_PX = (320, 180)
THUMBNAIL_TYPE = "image/jpeg"
_QUALITY = 85
_DRAWN_PX = (640, 360)


class Thumbnails:
    """JPEGs of 320x180 pixels. A file that changes gets a new one; a cache that cannot be written is none.

    Args:
        folder: Where they are kept; `None` for the user's cache.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or platformdirs.user_cache_path("eyeline", appauthor=False) / "thumbnails"

    def of_drawn(self, name: str) -> bytes:
        """Of what Eyeline draws."""
        return _drawn(name)

    def of_file(self, path: Path) -> bytes:
        """Of a picture, or of the first frame of a video.

        Raises:
            BackgroundError: The file cannot be used.
        """
        kept = self._folder / f"{_identity(path)}.jpg"
        try:
            return kept.read_bytes()
        except OSError:
            pass
        background = open_file(path, Pace.EXACT)
        made = _jpeg(background.frame(THUMBNAIL_PX, 0.0).to_bgr())
        background.close()
        self._keep(kept, made)
        return made

    def _keep(self, path: Path, data: bytes) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with written_whole(path) as partial_path:
                partial_path.write_bytes(data)
        except (OSError, RenderError) as error:
            log.debug("a thumbnail is not kept: %s", error)


@lru_cache(64)
def _drawn(name: str) -> bytes:
    return _jpeg(np.asarray(cv2.resize(painted(name, _DRAWN_PX), THUMBNAIL_PX, interpolation=cv2.INTER_AREA), np.uint8))


def _jpeg(bgr: Plane) -> bytes:
    return cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes()


def _identity(path: Path) -> str:
    """Of this file as it is now."""
    try:
        stat = path.stat()
    except OSError as error:
        raise BackgroundError(f"{path.name} cannot be read.") from error
    return hashlib.sha256(f"{path.resolve()}\0{stat.st_size}\0{stat.st_mtime_ns}".encode()).hexdigest()[:32]
