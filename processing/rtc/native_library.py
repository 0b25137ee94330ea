"""Where the libraries lie that PyAV brings along, beside the package (Linux, Windows) or in it (macOS)."""

from __future__ import annotations

import ctypes.util
from collections.abc import Iterator
from pathlib import Path

import av


def library_names(stem: str) -> Iterator[str]:
    """Paths and names to load a library by, best first.

    Args:
        stem: Its name without `lib` and ending, such as `vpx`.
    """
    package = Path(av.__file__).parent
    for folder in (package.parent / "av.libs", package / ".dylibs"):
        yield from (str(path) for path in sorted(folder.glob(f"*{stem}*")))
    if name := ctypes.util.find_library(stem):
        yield name
