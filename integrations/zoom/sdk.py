"""Whether Zoom's SDK can run on this machine. It is never imported here: it prints, and keeps threads."""

from __future__ import annotations

import ctypes
import importlib.util
import platform
import sys
from collections.abc import Callable, Mapping
from typing import Final

from eyeline.integrations.zoom.errors import ZoomUnavailableError

MODULE: Final = "zoom_meeting_sdk"
INSTALL: Final = "Install the extra eyeline[zoom], or run: python -m pip install zoom-meeting-sdk PyJWT"
INSTEAD: Final = "Use Zoom's own client with Eyeline as its camera instead: eyeline camera"

LIBRARIES: Final[Mapping[str, str]] = {
    "libGL.so.1": "libgl1",
    "libX11.so.6": "libx11-6",
    "libexpat.so.1": "libexpat1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgobject-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libgnutls.so.30": "libgnutls30",
    "libsystemd.so.0": "libsystemd0",
    "libstdc++.so.6": "libstdc++6",
    "libz.so.1": "zlib1g",
}
"""What the SDK takes from the system, and the Debian package that has it. All else is in its wheel."""


def platform_fault() -> str:
    """Why there is no SDK for this machine; empty where there is one."""
    system, machine = platform.system() or sys.platform, platform.machine()
    if sys.platform == "linux" and machine.lower() in ("x86_64", "amd64"):
        return ""
    return f"Zoom's SDK is there for Linux on x86-64 alone, and this is {system} on {machine}."


def is_installed() -> bool:
    """Whether the SDK's module can be found."""
    return importlib.util.find_spec(MODULE) is not None


def missing_libraries(load: Callable[[str], object] = ctypes.CDLL) -> list[str]:
    """Which of `LIBRARIES` the system has not.

    Args:
        load: Raises `OSError` for a library that cannot be loaded.
    """
    return [name for name in LIBRARIES if not _can(load, name)]


def apt_line(missing: list[str]) -> str:
    """What installs them on Debian."""
    return f"Run: apt-get install {' '.join(dict.fromkeys(LIBRARIES[name] for name in missing))}"


def require_sdk() -> None:
    """See whether a meeting can be joined from here; takes milliseconds.

    Raises:
        ZoomUnavailableError: Not on this machine, not installed, or without a library that it needs.
    """
    if fault := platform_fault():
        raise ZoomUnavailableError(fault, hint=INSTEAD)
    if not is_installed():
        raise ZoomUnavailableError("Zoom's SDK is not installed.", hint=INSTALL)
    if missing := missing_libraries():
        raise ZoomUnavailableError(f"Zoom's SDK needs {', '.join(missing)} of the system.", hint=apt_line(missing))


def _can(load: Callable[[str], object], name: str) -> bool:
    try:
        load(name)
    except OSError:
        return False
    return True
