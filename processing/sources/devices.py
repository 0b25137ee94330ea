"""Which cameras and microphones there are, and how libav addresses them on each system."""

from __future__ import annotations

import logging
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import av

from eyeline.processing.errors import SourceMissingError

log = logging.getLogger(__name__)

_ALSA_CONFIG = Path("/usr/share/alsa")
_ALSA_PLUGINS = ("/usr/lib/*/alsa-lib", "/usr/lib64/alsa-lib", "/usr/lib/alsa-lib")
_ALSA_NOTHING = "null"  # a device that is always there and records silence
_ALSA_NAME = re.compile(r"[\w.-]+(:[\w.,=-]+)?")


@dataclass(frozen=True, slots=True)
class Device:
    """A camera or microphone.

    Args:
        address: What libav opens.
        name: What a person calls it.
    """

    address: str
    name: str


@dataclass(frozen=True, slots=True)
class DeviceSystem:
    """How libav reaches the devices of one operating system.

    Args:
        cameras: Its format for cameras.
        microphones: Its format for microphones.
        camera_prefix: Goes before the name of a camera.
        microphone_prefix: Goes before the name of a microphone.
        default_microphone: What it calls the default one; empty when it has no word for it.
    """

    cameras: str
    microphones: str
    camera_prefix: str = ""
    microphone_prefix: str = ""
    default_microphone: str = ""


LINUX = DeviceSystem("v4l2", "alsa", default_microphone="default")
MACOS = DeviceSystem("avfoundation", "avfoundation", microphone_prefix=":", default_microphone="default")
WINDOWS = DeviceSystem("dshow", "dshow", camera_prefix="video=", microphone_prefix="audio=")
SYSTEM = {"darwin": MACOS, "win32": WINDOWS}.get(sys.platform, LINUX)


def list_cameras() -> list[Device]:
    """The cameras that can be found and asked; may miss some, never raises."""
    return _sorted(_listed(SYSTEM.cameras, "video"))


def list_microphones() -> list[Device]:
    """The microphones that can be found; may miss some, never raises."""
    find_alsa_configuration()
    found = _listed(SYSTEM.microphones, "audio")
    return [one for one in found if SYSTEM is not LINUX or one.address != _ALSA_NOTHING]


def best_video_source() -> str:
    """What to use when nobody said: the camera if there is one."""
    return "camera" if list_cameras() else "pattern"


def camera_addresses(device: str) -> list[str]:
    """What libav may open for a camera as a person writes it: empty, number, path or (part of a) name.

    Raises:
        SourceMissingError: There is no camera at all, or none of this name.
    """
    is_number = device.isascii() and device.isdigit()
    if SYSTEM is LINUX and is_number:
        return [f"/dev/video{device}"]
    if device.startswith("/dev/"):
        return [device]
    cameras = list_cameras()
    if not device:
        found = _all(cameras)
    elif is_number and int(device) < len(cameras):
        found = [cameras[int(device)].address]
    else:
        found = [_named(device, cameras, "camera")]
    return [SYSTEM.camera_prefix + address for address in found]


def microphone_address(device: str) -> str:
    """What libav opens for a microphone as a person writes it: empty or (part of) a name.

    Raises:
        SourceMissingError: There is no microphone, or none of this name.
    """
    microphones = list_microphones()
    if not device:
        if not microphones:
            raise SourceMissingError("No microphone was found.", hint="Plug one in, or use silence or a sound file.")
        return SYSTEM.microphone_prefix + (SYSTEM.default_microphone or microphones[0].address)
    if SYSTEM is LINUX and _ALSA_NAME.fullmatch(device) and not _matching(device, microphones):
        return device  # hw:1,0 and the like need not be listed
    return SYSTEM.microphone_prefix + _named(device, microphones, "microphone")


def find_alsa_configuration() -> None:
    """Tell ALSA where the system's configuration and plugins (PipeWire, PulseAudio) are.

    The library inside PyAV's wheels looks in folders of the machine that built it.
    """
    if SYSTEM is not LINUX:
        return
    if _ALSA_CONFIG.is_dir():
        os.environ.setdefault("ALSA_CONFIG_DIR", str(_ALSA_CONFIG))
    for pattern in _ALSA_PLUGINS:
        for folder in Path("/").glob(pattern.lstrip("/")):
            os.environ.setdefault("ALSA_PLUGIN_DIR", str(folder))


def _listed(form: str, kind: str) -> list[Device]:
    try:
        found = av.enumerate_input_devices(form)
    except (av.FFmpegError, ValueError) as error:  # ValueError: this build of libav has no such devices
        log.debug("devices of %s cannot be listed: %s", form, error)
        return []
    fitting = (one for one in found if kind in one.media_types or not one.media_types)
    return [Device(one.name, one.description or one.name) for one in fitting]


def _sorted(cameras: list[Device]) -> list[Device]:
    """By number, so that the first one is the one that was there first."""

    def number(camera: Device) -> int:
        digits = re.search(r"(\d+)$", camera.address)
        return int(digits[1]) if digits else 0

    return sorted(cameras, key=number)


def _all(cameras: list[Device]) -> list[str]:
    addresses = [camera.address for camera in cameras]
    if not addresses and SYSTEM is LINUX:  # those that are there but may not be asked: opening them will say why
        addresses = [str(node) for node in sorted(Path("/dev").glob("video[0-9]*"))]
    if not addresses:
        raise SourceMissingError(
            "No camera was found.", hint="Plug one in, or use pattern, a file or a stream instead."
        )
    return addresses


def _named(device: str, found: list[Device], kind: str) -> str:
    matching = _matching(device, found)
    if not matching:
        there = ", ".join(one.name for one in found) or "none"
        raise SourceMissingError(f"There is no {kind} called {device}.", hint=f"Found: {there}.")
    return matching[0].address


def _matching(device: str, found: list[Device]) -> list[Device]:
    """Devices of this address or name, or else with this in their name."""
    wanted = device.casefold()
    exact = [one for one in found if wanted in (one.address.casefold(), one.name.casefold())]
    return exact or [one for one in found if wanted in one.name.casefold()]
