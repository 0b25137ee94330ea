"""Small files in the user's data folder that Eyeline writes by itself: JSON, written whole or not at all."""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

import platformdirs
from filelock import FileLock, Timeout
from pydantic import BaseModel, ValidationError

log = logging.getLogger(__name__)

_LOCK_TIMEOUT_S = 5.0
_MAX_BYTES = 1024 * 1024

Content = TypeVar("Content", bound=BaseModel)


def data_folder() -> Path:
    """Where such files are, on this operating system; it need not exist."""
    return platformdirs.user_data_path("eyeline", appauthor=False)


class UserFile(Generic[Content]):
    """One file. Every method blocks for a moment: not for the event loop.

    Nobody's meeting fails because of it: what cannot be read counts as empty, what cannot be written is logged.

    Args:
        path: Its folder is made when the file is first written.
        kind: What is in it; it must be possible to make one without arguments.
    """

    def __init__(self, path: Path, kind: type[Content]) -> None:
        self._path = path
        self._kind = kind

    def read(self) -> Content:
        """What is in the file."""
        try:
            with self._path.open("rb") as file:
                return self._kind.model_validate_json(file.read(_MAX_BYTES))
        except FileNotFoundError:
            return self._kind()
        except (OSError, ValidationError) as error:
            log.warning("%s cannot be read and is not used: %s", self._path, _reason(error))
            return self._kind()

    def change(self, change: Callable[[Content], Content]) -> None:
        """Read, change and write the file, while no other process of ours does.

        Args:
            change: Makes the new content of the old one.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{self._path}.lock", timeout=_LOCK_TIMEOUT_S):
                self._write(change(self.read()))
        except (OSError, Timeout) as error:
            log.warning("%s cannot be written: %s", self._path, _reason(error))

    def _write(self, content: Content) -> None:
        partial = self._path.with_name(f".{self._path.name}.{secrets.token_hex(4)}.part")
        try:
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(content.model_dump_json(indent=1))
                file.flush()
                os.fsync(file.fileno())
            partial.replace(self._path)
        finally:
            partial.unlink(missing_ok=True)


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "its content is damaged"
    return str(getattr(error, "strerror", None) or error).rstrip(".").lower()
