"""What is to be rendered, and whether it can be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from eyeline.processing.container import FileKind
from eyeline.processing.errors import RenderError
from eyeline.processing.video_writer import MATTE_CODINGS, VIDEO_SUFFIXES

MAX_PIXELS = 100_000_000
"""Of a source's frame."""

PICTURE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"})

_TARGET_SUFFIXES = {FileKind.PICTURE: PICTURE_SUFFIXES, FileKind.VIDEO: VIDEO_SUFFIXES}
_MATTE_SUFFIXES = {FileKind.PICTURE: frozenset({".png"}), FileKind.VIDEO: frozenset(MATTE_CODINGS)}

ReportFrames = Callable[[int, int | None], None]
"""Called with how many frames are done and how many there will be (`None`: unknown)."""


@dataclass(frozen=True, slots=True)
class RenderJob:
    """What to read and what to write.

    Args:
        source: A picture or a video.
        target: A file of the same kind; replaced when it exists.
        matte: Where to write the matte, or `None`: for a picture an 8-bit grey PNG; for a video 8-bit full-range grey
            without loss, as FFV1 in `.mkv` or as H.264 in `.mp4` and `.mov`.
    """

    source: Path
    target: Path
    matte: Path | None = None


@dataclass(frozen=True, slots=True)
class RenderReport:
    """What came out.

    Args:
        frames: How many were written.
        notices: What is not as in the source, one line each.
    """

    frames: int
    notices: tuple[str, ...] = ()


def check_outputs(job: RenderJob, kind: FileKind) -> None:
    """Refuse outputs that cannot be, before any work is done.

    Args:
        job: What is asked for.
        kind: Of the source.

    Raises:
        RenderError: An output has an ending that does not fit the source, no folder, or is another file of the job.
    """
    _check_output(job.target, "output", kind, _TARGET_SUFFIXES[kind])
    if job.matte is not None:
        _check_output(job.matte, "matte", kind, _MATTE_SUFFIXES[kind])
    files = [file.resolve() for file in (job.source, job.target, job.matte) if file is not None]
    if len(set(files)) < len(files):
        raise RenderError("Input, output and matte must be different files.", hint="Give the output another name.")


def _check_output(path: Path, what: str, kind: FileKind, suffixes: frozenset[str]) -> None:
    if path.suffix.lower() not in suffixes:
        raise RenderError(
            f"The input is a {kind.value}, so the {what} cannot be {path.name}.",
            hint=f"Let its name end in {', '.join(sorted(suffixes))}.",
        )
    if path.is_dir():
        raise RenderError(f"The {what} {path} is a folder.", hint="Name a file in it.")
    if not path.parent.is_dir():
        raise RenderError(f"The folder {path.parent} of the {what} does not exist.", hint="Make it first.")
