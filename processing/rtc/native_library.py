"""Where the libraries lie that PyAV brings along, beside the package (Linux, Windows) or in it (macOS)."""

from __future__ import annotations

import ctypes.util
import logging
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import av

from eyeline.config.errors import MediaError

log = logging.getLogger(__name__)

_Library = TypeVar("_Library")


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


def first_usable(names: Iterable[str], load: Callable[[str], _Library]) -> _Library | None:
    """The first library that passes every check; `None` where none does.

    Args:
        names: Paths and names, best first.
        load: Loads one and checks it; raises `OSError`, `AttributeError` or a `MediaError` for one that is of no use.
    """
    for name in names:
        try:
            return load(name)
        except (OSError, AttributeError, MediaError) as error:
            log.debug("%s is not used: %s", name, error)
    return None
