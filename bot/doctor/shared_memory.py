"""Whether pictures can go to the picture worker and back: through shared memory."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from eyeline.bot.doctor.diagnosis import Diagnosis, Patient, bad, ok, warn
from eyeline.processing.byte_ring import RingError
from eyeline.processing.worker.rings import ProcessedRing, RawRing

_FOLDER = Path("/dev/shm")  # noqa: S108 - where Linux has it, not a temporary folder
_LARGER = "Give it more: mount -o remount,size=256m /dev/shm, or docker run --shm-size 256m."
_SPARE = 3.0  # a worker that is started anew has its memory before the old one's is gone


def check_shared_memory(patient: Patient) -> Iterator[Diagnosis]:
    """Make what a worker needs, once, and see what is left."""
    video = patient.settings.video
    try:
        with ExitStack() as stack:
            for ring in (RawRing, ProcessedRing):
                stack.enter_context(ring.create(video.width_px * video.height_px * 3 // 2))
    except (OSError, RingError) as error:
        if video.worker == "thread":
            yield warn("shared memory", f"None is to be had: {error}.", "Nothing now: video.worker is thread.")
        else:
            yield bad("shared memory", f"None is to be had: {error}.", f'{_LARGER} Or set video.worker = "thread".')
        return
    yield _room(ring_mb(video.width_px, video.height_px))


def ring_mb(width_px: int, height_px: int) -> float:
    """How much a worker takes for frames of a size: three slots on each of the two ways."""
    return 2 * 3 * width_px * height_px * 1.5 / 1e6


def _room(needed_mb: float) -> Diagnosis:
    if sys.platform != "linux":
        return ok("shared memory", f"{needed_mb:.0f} MB could be had.", needed_mb=round(needed_mb))
    state = os.statvfs(_FOLDER)
    free_mb = state.f_bavail * state.f_frsize / 1e6
    figures = {"needed_mb": round(needed_mb), "free_mb": round(free_mb)}
    found = f"{free_mb:.0f} MB of {_FOLDER} are free; a picture worker takes {needed_mb:.0f} MB."
    if free_mb < _SPARE * needed_mb:
        return warn("shared memory", found, _LARGER, **figures)
    return ok("shared memory", found, **figures)
