"""The system below: Python, operating system, processors, memory."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator

import psutil

from eyeline.bot.doctor.diagnosis import Diagnosis, Patient, ok, warn
from eyeline.processing.beside import usable_cores

_TESTED_PYTHON = ((3, 11), (3, 13))  # from the first to the second
_NEEDED_CORES = 2
_CROWDED = 1.0  # waiting tasks for each core
_SPARE = 1.3  # of a worker's memory


def check_machine(patient: Patient) -> Iterator[Diagnosis]:
    """What Eyeline runs on."""
    yield _python()
    yield _system()
    yield _cores()
    yield _memory(patient.settings.video.worker_memory_mb)


def _python() -> Diagnosis:
    first, last = _TESTED_PYTHON
    found = f"Python {platform.python_version()} ({sys.executable})"
    if sys.version_info[:2] > last:
        return warn("python", f"{found} is newer than what was tested.", f"If it fails, use {last[0]}.{last[1]}.")
    return ok("python", f"{found}; {first[0]}.{first[1]} or newer is needed.")


def _system() -> Diagnosis:
    found = f"{platform.system()} {platform.release()}, {platform.machine()}"
    if platform.system() == "Linux":
        return ok("system", f"{found}.")
    return warn("system", f"{found}: Eyeline is tested on Linux alone.", "Please report what does not work.")


def _cores() -> Diagnosis:
    cores = usable_cores()
    load = psutil.getloadavg()[0] / cores
    figures = {"cores": cores, "load_per_core": round(load, 2)}
    found = f"{cores} {'core' if cores == 1 else 'cores'} may be used; {load:.0%} busy over the last minute."
    if cores < _NEEDED_CORES:
        advice = "Give it two: one for the picture, one for encoding and the network."
        return warn("cpu", found, advice, **figures)
    if load > _CROWDED:
        return warn("cpu", found, "Close what else works here: all that is measured below suffers from it.", **figures)
    return ok("cpu", found, **figures)


def _memory(worker_mb: int) -> Diagnosis:
    free_mb = psutil.virtual_memory().available / 1e6
    found = f"{free_mb:.0f} MB are free; the picture worker may take {worker_mb} MB."
    if free_mb < worker_mb * _SPARE:
        return warn("ram", found, "Close other programs, or lower video.worker_memory_mb.", free_mb=round(free_mb))
    return ok("ram", found, free_mb=round(free_mb))
