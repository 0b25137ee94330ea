"""Whether the compiled loops are ready, so that joining does not wait for a compiler."""

from __future__ import annotations

import time
from collections.abc import Iterator

from eyeline.bot.doctor.diagnosis import Diagnosis, Patient, ok, warn
from eyeline.processing.kernels.warm_up import kept_in, warm_up, was_compiled


def check_kernels(_: Patient) -> Iterator[Diagnosis]:
    """Have them ready, and say what that took."""
    begun_s = time.perf_counter()
    warm_up()
    took_s = time.perf_counter() - begun_s
    folder = kept_in()
    figures = {"ready_s": round(took_s, 2)}
    if folder is None:
        advice = "Let Eyeline's folder or the user's cache be writable, or set NUMBA_CACHE_DIR."
        yield warn("kernels", f"Compiled in {took_s:.1f} s, but they cannot be kept.", advice, **figures)
    elif was_compiled():
        yield ok("kernels", f"Compiled just now, and kept in {folder}.", **figures)
    else:
        yield ok("kernels", f"Ready in {took_s:.1f} s, kept in {folder}.", **figures)
