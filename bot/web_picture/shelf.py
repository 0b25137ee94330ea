"""Fetched pictures as files of this run: in a folder that nobody else can read, and gone at its end."""

from __future__ import annotations

import tempfile
from collections import deque
from pathlib import Path

MAX_KEPT = 40  # as many as can be undone to, and some


class Shelf:
    """Where fetched pictures lie. Its methods block for a moment, and belong to one caller at a time."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._kept: deque[Path] = deque()
        self._number = 0

    def put(self, picture: bytes) -> Path:
        """Keep a JPEG; the oldest one goes when there are too many."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="eyeline-web-")
        self._number += 1
        path = Path(self._folder.name) / f"{self._number}.jpg"
        path.write_bytes(picture)
        self._kept.append(path)
        if len(self._kept) > MAX_KEPT:
            self._kept.popleft().unlink(missing_ok=True)
        return path

    def close(self) -> None:
        """Delete all."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
            self._kept.clear()
