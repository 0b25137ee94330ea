"""Opening picture and video files without trusting them.

A file is read through an object that gives libav no name and no way to open anything else: a name with `%d` is no
sequence of pictures, and a playlist cannot make this machine fetch what it lists. Frames above a given number of pixels
are never allocated; that covers pictures that unpack to gigabytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from eyeline.processing.errors import SourceError, SourceMissingError

_STILL_BRANDS = ("avif", "mif1")  # of AVIF, which shares its container with MP4


class FileKind(Enum):
    """What a file shows."""

    PICTURE = "picture"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class FileHeader:
    """What is known of a file before a frame of it is decoded; sizes as stored, before any rotation."""

    kind: FileKind
    width_px: int
    height_px: int


def read_header(path: Path, *, max_pixels: int) -> FileHeader:
    """Look at a file without decoding it.

    Raises:
        SourceError: The file is missing, no picture or video, damaged, or has more than `max_pixels`.
    """
    with open_container(path, max_pixels=max_pixels) as container:
        stream = video_stream(container, path)
        width_px, height_px = stream.codec_context.width, stream.codec_context.height
        if not 0 < width_px * height_px <= max_pixels:  # libav gives 0 for what it was told not to allocate
            raise SourceError(f"{path.name} is damaged or has more than {max_pixels // 1_000_000} megapixels.")
        return FileHeader(_kind(container, stream), width_px, height_px)


@contextmanager
def open_container(path: Path, *, max_pixels: int) -> Iterator[InputContainer]:
    """A file, opened for demuxing and decoding.

    Raises:
        SourceMissingError: There is no such file.
        SourceError: It cannot be read, at opening or within the block.
    """
    try:
        if not path.is_file():
            raise SourceMissingError(f"There is no file {path}.")
        with path.open("rb") as file, container_of(file, path, max_pixels=max_pixels) as container:
            yield container
    except OSError as error:
        raise SourceError(f"{path.name} cannot be read: {_reason(error)}.") from error


@contextmanager
def container_of(file: BinaryIO, path: Path, *, max_pixels: int) -> Iterator[InputContainer]:
    """The same for a file that is open already, and stays open; `path` is for messages alone.

    Raises:
        SourceError: It cannot be read, at opening or within the block.
    """
    try:
        with _opened(file, max_pixels) as container:
            yield container
    except (av.FFmpegError, OSError) as error:
        raise SourceError(f"{path.name} cannot be read: {_reason(error)}.") from error


def video_stream(container: InputContainer, path: Path) -> VideoStream:
    """The first video that is not a mere cover; one of a single frame only where there is none that moves.

    Raises:
        SourceError: There is none.
    """
    streams = [one for one in container.streams.video if not one.disposition & Disposition.attached_pic]
    if not streams:
        raise SourceError(f"{path.name} holds no picture.")
    return next((stream for stream in streams if stream.frames != 1), streams[0])


def _opened(file: BinaryIO, max_pixels: int) -> InputContainer:
    return av.open(_Nameless(file), "r", options={"max_pixels": str(max_pixels)}, io_open=_refuse)


class _Nameless:
    """A file without the name that libav would look at."""

    def __init__(self, file: BinaryIO) -> None:
        self.read = file.read
        self.seek = file.seek
        self.tell = file.tell


def _refuse(*_: Any) -> NoReturn:
    raise PermissionError("it refers to another file")


def _kind(container: InputContainer, stream: VideoStream) -> FileKind:
    name = container.format.name
    still = (
        name.endswith("_pipe")
        or (name == "gif" and stream.frames == 1)
        or container.metadata.get("major_brand") in _STILL_BRANDS
    )
    return FileKind.PICTURE if still else FileKind.VIDEO


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).rstrip(".").lower()
