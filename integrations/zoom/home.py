"""A home folder of the SDK's own: it keeps databases, device ids and logs there, and is to leave nothing behind."""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

log = logging.getLogger(__name__)

_PREFIX: Final = "eyeline-zoom-"


class PrivateHome:
    """A folder that nobody else can read, gone with its owner; everything here blocks for a moment.

    It is locked as long as its owner lives, so that the next one can tell what a killed process left, and remove it.

    Args:
        path: Of the folder.
        lock: Its open descriptor.
    """

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock = lock

    @classmethod
    def make(cls, parent: Path | None = None) -> Self:
        """Make the folder.

        Args:
            parent: Where, instead of the system's folder for temporary files.

        Raises:
            OSError: The disk is full, or nothing may be written there.
        """
        parent = parent or Path(tempfile.gettempdir())
        _sweep(parent)
        path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))  # with mode 0700
        return cls(path, _locked(path))

    def remove(self) -> None:
        """Remove it with all that is in it. Harmless when repeated."""
        _remove(self.path)
        lock, self._lock = self._lock, -1
        if lock >= 0:
            os.close(lock)


def _sweep(parent: Path) -> None:
    """Remove what killed processes of ours left."""
    for path in parent.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if path.lstat().st_uid == os.geteuid() and (lock := _locked(path)) >= 0:
                _remove(path)
                os.close(lock)


def _locked(path: Path) -> int:
    """The folder's open descriptor with its lock, or -1 where somebody else has that, or where it is no folder."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return -1
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return -1
    return descriptor


def _remove(path: Path) -> None:
    """A process that is just ending may still write; then once more."""
    for _ in range(3):
        shutil.rmtree(path, ignore_errors=True)
        if not path.exists():
            return
    log.warning("a folder of Zoom's SDK could not be removed: %s", path)
