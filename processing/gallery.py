"""Backgrounds by name: the ones that Eyeline draws, and the files of a folder of the user's."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache, partial
from pathlib import Path

import platformdirs

from eyeline.processing.art import PAINTERS, painted
from eyeline.processing.backgrounds import Background, Pace, check_file, drawn_background, file_kind, open_file
from eyeline.processing.container import FileKind
from eyeline.processing.drawn_background import DrawnBackground
from eyeline.processing.effects import BackgroundSpec, FileBackground, GalleryBackground
from eyeline.processing.errors import BackgroundError, SourceError
from eyeline.processing.gallery_folder import GalleryFolder
from eyeline.processing.placement import COVER, Placement
from eyeline.processing.thumbnail import Thumbnails

_DRAWN_KEPT = 16


class EntryKind(Enum):
    """What stands behind a name."""

    DRAWN = "drawn"
    PICTURE = "picture"
    VIDEO = "video"
    UNUSABLE = "unusable"


@dataclass(frozen=True, slots=True)
class GalleryEntry:
    """One background.

    Args:
        name: What it is called.
        kind: What it is.
        path: Its file; `None` for what Eyeline draws.
        size_bytes: Length of the file; 0 for what Eyeline draws.
        trouble: Why it cannot be used; empty when it can.
    """

    name: str
    kind: EntryKind
    path: Path | None = None
    size_bytes: int = 0
    trouble: str = ""


def default_folder() -> Path:
    """Where the user's own backgrounds are looked for when no folder is set; it need not exist."""
    return platformdirs.user_data_path("eyeline", appauthor=False) / "backgrounds"


class Gallery:
    """What can be chosen by name. Reads the folder whenever it is asked; every method may block.

    A file is called as its name without the ending, with `-` for whatever a name cannot have, and goes before a drawn
    background that is called the same. A name is only ever looked up in what the folder holds; it never becomes a path.

    Args:
        folder: Of pictures and videos; one that does not exist is empty.
        thumbnails: Where small pictures are kept; `None` for the user's cache.
    """

    def __init__(self, folder: Path | None = None, *, thumbnails: Path | None = None) -> None:
        self._folder = GalleryFolder(folder or default_folder())
        self._thumbnails = Thumbnails(thumbnails)

    @property
    def folder(self) -> Path:
        """Where the user's own ones are; it need not exist."""
        return self._folder.path

    def names(self) -> tuple[str, ...]:
        """All names, sorted."""
        return tuple(sorted({*PAINTERS, *self._folder.files()}))

    def entries(self) -> tuple[GalleryEntry, ...]:
        """All backgrounds, sorted by name; files are looked at but not decoded."""
        files = self._folder.files()
        return tuple(_entry(name, files.get(name)) for name in sorted({*PAINTERS, *files}))

    def entry(self, name: str) -> GalleryEntry:
        """One background; upper and lower case are the same.

        Raises:
            BackgroundError: There is none of that name.
        """
        return _entry(*self._found(name))

    def has(self, name: str) -> bool:
        """Whether there is a background of that name; upper and lower case are the same."""
        return name.casefold() in {each.casefold() for each in self.names()}

    def check(self, spec: BackgroundSpec) -> None:
        """Look for what a background is made of, without opening it: quick, and before a camera is opened for it.

        Raises:
            BackgroundError: There is none of that name, or its file is missing or none that can be used.
        """
        match spec:
            case GalleryBackground(name):
                _, path = self._found(name)
                if path is not None:
                    check_file(path)
            case FileBackground(path):
                check_file(path)

    def open(self, name: str, pace: Pace, placement: Placement = COVER) -> Background:
        """Open a background; upper and lower case are the same.

        Raises:
            BackgroundError: There is none of that name, or its file cannot be used.
        """
        found, path = self._found(name)
        if path is not None:
            return open_file(path, pace, placement)
        return _drawn(found, pace, placement)

    def thumbnail(self, name: str) -> bytes:
        """A small picture of a background, as JPEG. Made once.

        Raises:
            BackgroundError: There is none of that name, or its file cannot be used.
        """
        found, path = self._found(name)
        if path is None:
            return self._thumbnails.of_drawn(found)
        return self._thumbnails.of_file(path)

    def add(self, source: Path, name: str | None = None) -> GalleryEntry:
        """Copy a picture or a video into the folder, after it was opened and its first frame decoded.

        Args:
            source: The file.
            name: What it is to be called; as the file when it is not said.

        Raises:
            BackgroundError: The file cannot be used or copied, or the name cannot be had.
        """
        open_file(source, Pace.EXACT).close()
        return self.entry(self._folder.add(source, name))

    def remove(self, name: str) -> GalleryEntry:
        """Delete a file of the folder; what it was comes back.

        Raises:
            BackgroundError: There is none of that name, Eyeline draws it, or it cannot be deleted.
        """
        entry = self._own(name)
        self._folder.remove(entry.name)
        return entry

    def rename(self, name: str, new_name: str) -> GalleryEntry:
        """Call a file of the folder otherwise.

        Raises:
            BackgroundError: There is none of that name, Eyeline draws it, or the new name cannot be had.
        """
        self._folder.rename(self._own(name).name, new_name)
        return self.entry(new_name)

    def _own(self, name: str) -> GalleryEntry:
        found, path = self._found(name)
        if path is None:
            raise BackgroundError(
                f"{found} is drawn by Eyeline and is always there.", hint="Only files of your own can be changed."
            )
        return _entry(found, path)

    def _found(self, name: str) -> tuple[str, Path | None]:
        files = self._folder.files()
        known = {each.casefold(): each for each in (*PAINTERS, *files)}
        found = known.get(name.casefold())
        if found is None:
            raise _unknown(name, sorted(known.values()))
        return found, files.get(found)


@lru_cache(_DRAWN_KEPT)
def _drawn(name: str, pace: Pace, placement: Placement) -> DrawnBackground:
    """One of ours, drawn once: that takes a quarter of a second."""
    return drawn_background(partial(painted, name), pace, placement)


def _entry(name: str, path: Path | None) -> GalleryEntry:
    if path is None:
        return GalleryEntry(name, EntryKind.DRAWN)
    try:
        kind = EntryKind.VIDEO if file_kind(path) is FileKind.VIDEO else EntryKind.PICTURE
        return GalleryEntry(name, kind, path, path.stat().st_size)
    except SourceError as error:
        return GalleryEntry(name, EntryKind.UNUSABLE, path, trouble=error.message)
    except OSError as error:
        return GalleryEntry(name, EntryKind.UNUSABLE, path, trouble=f"It cannot be read: {error.strerror}.")


def _unknown(name: str, names: list[str]) -> BackgroundError:
    close = difflib.get_close_matches(name.casefold(), names, n=2, cutoff=0.5)
    meant = f"Did you mean {' or '.join(close)}? " if close else ""
    return BackgroundError(f"There is no background {name!r}.", hint=f"{meant}There are: {', '.join(names)}.")
