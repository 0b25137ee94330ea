"""Which cameras and microphones are found. None is opened: no light goes on, and nobody is interrupted."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from eyeline.bot.doctor.diagnosis import Diagnosis, Patient, ok, warn
from eyeline.processing.sources.devices import LINUX, SYSTEM, Device, list_cameras, list_microphones

_NODES = "video[0-9]*"
_INSTEAD = "Plug one in, or use a browser's: --source browser."


def check_devices(_: Patient) -> Iterator[Diagnosis]:
    """What may be chosen as a source."""
    cameras = list_cameras()
    yield _cameras(cameras, [] if cameras or SYSTEM is not LINUX else _locked(Path("/dev")))
    yield _microphones(list_microphones())


def _cameras(found: Sequence[Device], locked: Sequence[Path]) -> Diagnosis:
    if locked:
        nodes = ", ".join(map(str, locked))
        return warn("cameras", f"{nodes} may not be opened by this user.", "Run: sudo usermod -aG video $USER")
    if not found:
        return warn("cameras", "None was found.", _INSTEAD)
    return ok("cameras", f"{_listed(found)}.", count=len(found))


def _microphones(found: Sequence[Device]) -> Diagnosis:
    if not found:
        return warn("microphones", "None was found, so no sound can be sent.", "Plug one in, or use --audio browser.")
    return ok("microphones", f"{_listed(found)}.", count=len(found))


def _listed(found: Sequence[Device]) -> str:
    return "; ".join(one.address if one.name == one.address else f"{one.address} ({one.name})" for one in found)


def _locked(folder: Path) -> list[Path]:
    return [node for node in sorted(folder.glob(_NODES)) if not os.access(node, os.R_OK | os.W_OK)]
