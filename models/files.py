"""Files that are whole or not there: hashing, and writing by rename. All of it blocks."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from eyeline.models.errors import StorageError

TEMPORARY_PREFIX = ".incomplete-"
_PARTIAL_PREFIX = ".partial-"
_PARTIAL_KEPT_S = 7 * 24 * 3600


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, lower-case hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def partial_file(directory: Path, key: str) -> Path:
    """Where an unfinished transfer lies, to be continued; the same for the same key (letters and digits)."""
    return directory / f"{_PARTIAL_PREFIX}{key[:16]}"


def sweep(directory: Path) -> None:
    """Remove what killed processes left in a directory that nobody else writes to, but for what can be continued.

    An unfinished transfer that nobody has continued for a week goes, too.
    """
    for leftover in directory.glob(f"{TEMPORARY_PREFIX}*"):
        shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink(missing_ok=True)
    for partial in directory.glob(f"{_PARTIAL_PREFIX}*"):
        if time.time() - partial.stat().st_mtime > _PARTIAL_KEPT_S:
            partial.unlink()


def remove_partials(directory: Path) -> None:
    """Remove all unfinished transfers, when there is nothing left that they could be good for."""
    for partial in directory.glob(f"{_PARTIAL_PREFIX}*"):
        partial.unlink()


def place(target: Path, content: bytes) -> None:
    """Write a file so that under its name there is, even after a crash, the old content or the new, whole.

    Raises:
        OSError: It could not be written; nothing is left behind.
    """
    descriptor, name = tempfile.mkstemp(prefix=TEMPORARY_PREFIX, dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_directory(target.parent)


def _sync_directory(directory: Path) -> None:
    """Make a rename survive a power cut; Windows knows no such thing and needs none."""
    if os.name == "nt":
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def storage_errors(directory: Path) -> Iterator[None]:
    """Turn what the file system says, about `directory` if about nothing else, into a `StorageError`."""
    try:
        yield
    except OSError as error:
        where = error.filename or directory
        raise StorageError(f"Cannot use {where}: {error.strerror or error}.", hint=_hint(error)) from error


def _hint(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "Free some space, or choose another place with the setting models.directory."
    return "Check that this user may read and write there, or choose another place with the setting models.directory."
