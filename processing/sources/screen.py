"""A screen of this machine: X11 on Linux, AVFoundation on macOS, GDI on Windows."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import av

from eyeline.processing.errors import SourceDeniedError, SourceError, SourceMissingError
from eyeline.processing.frame import CapturedFrame
from eyeline.processing.sources.device_input import Options
from eyeline.processing.sources.device_video import DeviceVideo
from eyeline.processing.sources.fitting import Box
from eyeline.processing.sources.spec import ScreenSpec


@dataclass(frozen=True, slots=True)
class ScreenAddress:
    """How libav reaches a screen.

    Args:
        form: Its name of the kind of device.
        address: What it opens.
        options: The part of the screen, where not all of it is wanted.
    """

    form: str
    address: str
    options: Options


def screen_address(
    spec: ScreenSpec, *, platform: str = sys.platform, environment: Mapping[str, str] = os.environ
) -> ScreenAddress:
    """What libav opens for a screen.

    Raises:
        SourceError: Screens of this system, or parts of them, cannot be read.
    """
    match platform:
        case "darwin":
            return _macos(spec)
        case "win32":
            return _windows(spec)
    return _x11(spec, environment)


class ScreenReader:
    """Reads a screen, as often as the box says.

    Args:
        spec: Which one.
        box: The largest picture wanted, and the rate.
        find: Says what libav opens.
    """

    def __init__(
        self, spec: ScreenSpec, box: Box, *, find: Callable[[ScreenSpec], ScreenAddress] = screen_address
    ) -> None:
        self._spec = spec
        self._box = box
        self._find = find
        self._video = DeviceVideo(box)

    def open(self) -> None:
        """Begin to read.

        Raises:
            SourceError: There is no such screen, or it may not be read.
        """
        found = self._find(self._spec)
        if found.form not in av.formats_available:
            raise SourceError(f"The libav of this machine cannot read screens ({found.form}).", hint="Use a file.")
        what = f"The {self._spec}".replace(":", " ")
        rate = {"framerate": str(self._box.fps)}
        self._video.open(found.address, found.form, what, [{**rate, **found.options}, found.options])

    def read(self) -> CapturedFrame | None:
        """The next picture."""
        return self._video.read()

    def skip(self) -> bool:
        """Take a picture and drop it."""
        return self._video.skip()

    def close(self) -> None:
        """End reading."""
        self._video.close()


def _x11(spec: ScreenSpec, environment: Mapping[str, str]) -> ScreenAddress:
    display = environment.get("DISPLAY", "")
    if environment.get("XDG_SESSION_TYPE") == "wayland" or (environment.get("WAYLAND_DISPLAY") and not display):
        raise SourceDeniedError(
            "Wayland lets no program read the screen by itself.",
            hint="Log in to an X11 session, or use a picture, a video or a stream.",
        )
    if not display:
        raise SourceMissingError("There is no screen here: DISPLAY is not set.", hint="Start Eyeline on the desktop.")
    host, _, numbers = display.rpartition(":")
    options = {}
    if spec.part is not None:
        options = {
            "video_size": f"{spec.part.width_px}x{spec.part.height_px}",
            "grab_x": str(spec.part.left_px),
            "grab_y": str(spec.part.top_px),
        }
    address = display if not spec.number else f"{host}:{numbers.partition('.')[0]}.{spec.number}"
    return ScreenAddress("x11grab", address, options)


def _windows(spec: ScreenSpec) -> ScreenAddress:
    if spec.number:
        raise SourceMissingError(
            "Screens have no numbers on Windows: they are one large one.", hint="Example: screen:1920x1080+1920+0"
        )
    options = {}
    if spec.part is not None:
        options = {
            "video_size": f"{spec.part.width_px}x{spec.part.height_px}",
            "offset_x": str(spec.part.left_px),
            "offset_y": str(spec.part.top_px),
        }
    return ScreenAddress("gdigrab", "desktop", options)


def _macos(spec: ScreenSpec) -> ScreenAddress:
    if spec.part is not None:
        raise SourceError("A part of a screen cannot be read on macOS.", hint="Use screen or screen:1.")
    return ScreenAddress("avfoundation", f"Capture screen {spec.number}", {"capture_cursor": "1"})
