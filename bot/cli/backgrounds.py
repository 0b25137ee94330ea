"""`eyeline backgrounds`: the gallery."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from eyeline.bot.cli.output import write_json, write_line
from eyeline.config.logs import configure_logging
from eyeline.config.paths import whole_path
from eyeline.config.settings import load_settings
from eyeline.processing.backgrounds import Pace
from eyeline.processing.errors import BackgroundError
from eyeline.processing.gallery import EntryKind, Gallery, GalleryEntry
from eyeline.processing.partial_file import written_whole

app = App(name="backgrounds", help="See and change the gallery of backgrounds.")

AsJson = Annotated[bool, Parameter(name="--json", negative="", help="Write JSON.")]
Directory = Annotated[
    Path | None, Parameter(help="The gallery's folder, instead of the setting backgrounds.directory.")
]
Name = Annotated[str, Parameter(name="NAME", help="What it is called.")]


@app.command(name="list")
def list_backgrounds(*, directory: Directory = None, as_json: AsJson = False) -> None:
    """List all backgrounds: those that Eyeline draws, and your own."""
    gallery = _gallery(directory)
    entries = gallery.entries()
    if as_json:
        write_json([_described(entry) for entry in entries])
        return
    width = max(len(entry.name) for entry in entries)
    for entry in entries:
        write_line(f"{entry.name:<{width}}  {entry.kind.value:<8}  {_length(entry)}{entry.trouble}".rstrip())
    write_line(f"your own: {gallery.folder}")


@app.command
def add(
    file: Annotated[Path, Parameter(help="A picture, an animated picture or a video.")],
    /,
    *,
    name: Annotated[str | None, Parameter(help="What it is to be called; as the file when it is not given.")] = None,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Copy a file into the gallery, once it is known that it can be shown."""
    _tell(_gallery(directory).add(whole_path(file), name), "added", as_json=as_json)


@app.command
def remove(name: Name, /, *, directory: Directory = None, as_json: AsJson = False) -> None:
    """Delete a file of the gallery. What Eyeline draws stays."""
    _tell(_gallery(directory).remove(name), "removed", as_json=as_json)


@app.command
def rename(
    name: Name,
    new_name: Annotated[str, Parameter(name="NEW-NAME", help="What it is to be called.")],
    /,
    *,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Call a file of the gallery otherwise."""
    _tell(_gallery(directory).rename(name, new_name), "renamed", as_json=as_json)


@app.command
def show(
    name: Name,
    /,
    *,
    thumbnail: Annotated[Path | None, Parameter(help="Also write a small picture of it to this .jpg file.")] = None,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Tell what is known of one background, after opening it as a meeting would."""
    gallery = _gallery(directory)
    entry = gallery.entry(name)
    gallery.open(entry.name, Pace.EXACT).close()
    if thumbnail is not None:
        _write(whole_path(thumbnail), gallery.thumbnail(entry.name))
    if as_json:
        write_json(_described(entry))
        return
    write_line(f"{entry.name}  {entry.kind.value}  {_length(entry)}".rstrip())
    if entry.path is not None:
        write_line(str(entry.path))


def _gallery(directory: Path | None) -> Gallery:
    settings = load_settings({"backgrounds.directory": directory}).settings
    configure_logging(settings.log.level)
    return Gallery(settings.backgrounds.directory)


def _tell(entry: GalleryEntry, done: str, *, as_json: bool) -> None:
    if as_json:
        write_json(_described(entry))
    else:
        write_line(f"{entry.name}  {entry.kind.value}  {done}")


def _described(entry: GalleryEntry) -> dict[str, object]:
    return {
        "name": entry.name,
        "kind": entry.kind.value,
        "path": str(entry.path) if entry.path else None,
        "size_bytes": entry.size_bytes,
        "trouble": entry.trouble,
    }


def _length(entry: GalleryEntry) -> str:
    return "" if entry.kind in (EntryKind.DRAWN, EntryKind.UNUSABLE) else f"{entry.size_bytes / 1e6:.1f} MB"


def _write(path: Path, data: bytes) -> None:
    if path.suffix.lower() not in (".jpg", ".jpeg"):
        raise BackgroundError(f"{path.name} does not end in .jpg.")
    with written_whole(path) as partial:
        partial.write_bytes(data)
