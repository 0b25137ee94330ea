"""Writing a file so that it is there whole or not at all."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eyeline.processing.errors import RenderError


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A temporary path in the same folder, with the same ending; it becomes `path` when the block ends well.

    Raises:
        RenderError: The file cannot be put in its place.
    """
    partial = path.with_name(f".{path.stem[:100]}.{secrets.token_hex(4)}.part{path.suffix}")
    try:
        yield partial
        partial.replace(path)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        partial.unlink(missing_ok=True)


def cannot_write(path: Path, error: Exception) -> RenderError:
    """The error that tells why `path` cannot be written."""
    reason = str(getattr(error, "strerror", None) or error).rstrip(".").lower()
    return RenderError(f"{path} cannot be written: {reason}.", hint="Check the disk's free space and your permissions.")
