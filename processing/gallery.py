"""Backgrounds by name: the ones that Eyeline draws, and the files of a folder of the user's."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

import platformdirs

from eyeline.processing.backgrounds import Background, Pace, open_file, still_background
from eyeline.processing.errors import BackgroundError
from eyeline.processing.gallery_art import PAINTERS, painted

_MEDIA_SUFFIXES = frozenset(
    {
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


def default_folder() -> Path:
    """Where the user's own backgrounds are looked for when no folder is set; it need not exist."""
    return platformdirs.user_data_path("eyeline", appauthor=False) / "backgrounds"


class Gallery:
    """What can be chosen by name.

    A file is called as its name without the ending, with `-` for whatever a name cannot have, and goes before a drawn
    background that is called the same. A name is only ever looked up in what the folder holds; it never becomes a path.

    Args:
        folder: Of pictures and videos; one that does not exist is empty.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or default_folder()

    def names(self) -> tuple[str, ...]:
        """All names, sorted. Reads the folder."""
        return tuple(sorted({*PAINTERS, *self._files()}))

    def open(self, name: str, pace: Pace) -> Background:
        """Open a background; upper and lower case are the same. Blocks while it is drawn or read.

        Raises:
            BackgroundError: There is none of that name, or its file cannot be used.
        """
        files = self._files()
        known = {each.casefold(): each for each in (*PAINTERS, *files)}
        found = known.get(name.casefold())
        if found in files:
            return open_file(files[found], pace)
        if found is None:
            raise _unknown(name, sorted(known.values()))
        return still_background(painted(found))

    def _files(self) -> dict[str, Path]:
        try:
            paths = sorted(self._folder.iterdir(), reverse=True)  # of two files of one name, the first one stays
            inside = self._folder.resolve()
        except OSError:
            return {}
        usable = (path for path in paths if path.suffix.lower() in _MEDIA_SUFFIXES and _is_inside(path, inside))
        return {name: path for path in usable if (name := _name_of(path))}


def _is_inside(path: Path, folder: Path) -> bool:
    try:
        return path.is_file() and path.resolve().is_relative_to(folder)
    except OSError:
        return False


def _name_of(path: Path) -> str:
    return _NOT_IN_A_NAME.sub("-", path.stem).strip("-")[:_MAX_NAME_CHARS]


def _unknown(name: str, names: list[str]) -> BackgroundError:
    close = difflib.get_close_matches(name.casefold(), names, n=2, cutoff=0.5)
    meant = f"Did you mean {' or '.join(close)}? " if close else ""
    return BackgroundError(f"There is no background {name!r}.", hint=f"{meant}There are: {', '.join(names)}.")
