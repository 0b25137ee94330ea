"""The folder of a person's own backgrounds: what is in it, and changing it so that nothing is ever lost."""

from __future__ import annotations

import re
import shutil
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eyeline.processing.effects import is_gallery_name
from eyeline.processing.errors import BackgroundError, RenderError
from eyeline.processing.partial_file import written_whole

MAX_FILE_BYTES = 2 << 30

_MEDIA_SUFFIXES = frozenset(
    {
        ".apng",
        ".avif",
        ".bmp",
        ".gif",
        ".jpeg",
        ".jpg",
        ".m4v",
        ".mkv",
        ".mov",
        ".mp4",
        ".png",
        ".tif",
        ".tiff",
        ".webm",
        ".webp",
    }
)
_NOT_IN_A_NAME = re.compile(r"[^\w-]+")
_MAX_NAME_CHARS = 64
_MAX_NAME_BYTES = 200  # file systems take 255, with the ending and what a temporary name adds
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])", re.IGNORECASE)  # are no files on Windows
_NAME_HINT = "Use up to 64 letters, digits, - and _; not a word such as none, blur or screen."


class GalleryFolder:
    """Files by name. Every method reads the folder anew.

    Args:
        path: One that does not exist is empty, and is made when something is added.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def files(self) -> dict[str, Path]:
        """What can be used as a background, by name; of two files of one name, the first one."""
        try:
            paths = sorted(self.path.iterdir(), reverse=True)
            inside = self.path.resolve()
        except OSError:
            return {}
        usable = (path for path in paths if path.suffix.lower() in _MEDIA_SUFFIXES and _is_inside(path, inside))
        return {name: path for path in usable if (name := _as_name(path.stem))}

    def add(self, source: Path, name: str | None) -> str:
        """Copy a file into the folder, whole or not at all; the name that it got.

        Raises:
            BackgroundError: It cannot be copied, or the name cannot be had.
        """
        suffix = source.suffix.lower()
        if suffix not in _MEDIA_SUFFIXES:
            raise BackgroundError(
                f"{source.name} does not end as a picture or a video does.",
                hint=f"Rename it to end in one of {', '.join(sorted(_MEDIA_SUFFIXES))}.",
            )
        name = self._free(_as_name(source.stem) if name is None else name)
        with _told(f"{source.name} cannot be added"):
            if source.stat().st_size > MAX_FILE_BYTES:
                raise BackgroundError(f"{source.name} has more than {MAX_FILE_BYTES >> 30} GB.")
            self.path.mkdir(parents=True, exist_ok=True)
            with written_whole(self.path / f"{name}{suffix}") as partial:
                shutil.copyfile(source, partial)
        return name

    def remove(self, name: str) -> None:
        """Delete the file of a name that `files` gave.

        Raises:
            BackgroundError: It is gone already, or cannot be deleted.
        """
        with _told(f"{name} cannot be removed"):
            self._file(name).unlink()

    def rename(self, name: str, new_name: str) -> None:
        """Call the file of a name that `files` gave otherwise.

        Raises:
            BackgroundError: It is gone, or the new name cannot be had.
        """
        path = self._file(name)
        is_same_file = name.casefold() == new_name.casefold()
        new_name = _checked(new_name) if is_same_file else self._free(new_name)
        with _told(f"{name} cannot be renamed"):
            path.rename(path.with_name(f"{new_name}{path.suffix.lower()}"))

    def _file(self, name: str) -> Path:
        path = self.files().get(name)
        if path is None:
            raise BackgroundError(f"There is no background {name!r} any more.")
        return path

    def _free(self, name: str) -> str:
        checked = _checked(name)
        taken = {each.casefold(): path for each, path in self.files().items()}
        if path := taken.get(checked.casefold()):
            raise BackgroundError(
                f"There is a background {checked!r} already: {path.name}.", hint="Choose another name, or remove it."
            )
        return checked


def _checked(name: str) -> str:
    normal = unicodedata.normalize("NFC", name)
    can_be_had = is_gallery_name(normal) and _as_name(normal) == normal and not _DEVICES.fullmatch(normal)
    if not can_be_had or len(normal.encode()) > _MAX_NAME_BYTES:
        raise BackgroundError(f"A background cannot be called {name[:80]!r}.", hint=_NAME_HINT)
    return normal


@contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).rstrip(".").lower()
        raise BackgroundError(f"{what}: {reason}.", hint="Check the folder's permissions and free space.") from error
    except RenderError as error:
        raise BackgroundError(error.message, hint=error.hint) from error


def _is_inside(path: Path, folder: Path) -> bool:
    try:
        return not path.name.startswith(".") and path.is_file() and path.resolve().is_relative_to(folder)
    except OSError:
        return False


def _as_name(text: str) -> str:
    """The text with `-` for what a name cannot have; empty when nothing is left."""
    name = _NOT_IN_A_NAME.sub("-", unicodedata.normalize("NFC", text)).strip("-")[:_MAX_NAME_CHARS].rstrip("-")
    return name if not name or is_gallery_name(name) else f"{name}-1"
