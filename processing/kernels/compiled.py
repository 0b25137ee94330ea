"""The one way in which loops are compiled here."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from numba import njit

log = logging.getLogger(__name__)

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")

# Without the licence to ignore NaN: what is not finite must stay visible to the checks downstream.
_FLAGS = {"reassoc", "contract", "arcp", "nsz"}


def compiled(function: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """Compile for one thread, without the GIL, and keep the machine code for the next start.

    The code is kept beside the source, or in the user's cache where that cannot be written. A change of the file
    that holds the function makes it compile anew; a change of another file does not, so kernels only call functions
    of their own file.
    """
    return _compiled(function, forceinline=False)


def inlined(function: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """As `compiled`, for what is called for each pixel: always part of its caller."""
    return _compiled(function, forceinline=True)


def _compiled(function: Callable[_Arguments, _Result], *, forceinline: bool) -> Callable[_Arguments, _Result]:
    options: dict[str, Any] = {"nogil": True, "fastmath": _FLAGS, "error_model": "numpy", "forceinline": forceinline}
    try:
        result: Callable[_Arguments, _Result] = njit(cache=True, **options)(function)
    except RuntimeError as error:  # no directory can be written
        log.debug("compiled code is not kept: %s", error)
        result = njit(**options)(function)
    return result
