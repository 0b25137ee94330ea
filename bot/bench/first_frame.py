"""How soon there is a picture: a program of its own opens a studio and tells when the first picture was made."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from dataclasses import dataclass

from eyeline.bot.bench.cpu import ProcessTree
from eyeline.bot.bench.errors import BenchError

_TIMEOUT_S = 100.0
_POLL_S = 0.004


@dataclass(frozen=True, slots=True)
class FirstFrame:
    """How long it took.

    Args:
        seconds: From the opening of the studio, as `eyeline join` does before it calls a server.
        cpu_s: CPU time of all processes in these seconds: what is left of them on a machine that does nothing else.
        from_launch_s: From the launch of the program, with Python and all imports.
    """

    seconds: float
    cpu_s: float
    from_launch_s: float


def measure_first_frame() -> FirstFrame:
    """Launch the program and wait for its picture: a test pattern before the blurred room.

    Raises:
        BenchError: No picture came.
    """
    begun_s = time.perf_counter()
    try:
        told = subprocess.run(
            [sys.executable, "-m", "eyeline.bot.bench.first_frame"],
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
        opened_s, made_s, cpu_s = (float(part) for part in told.stdout.split())
    except subprocess.TimeoutExpired:
        raise BenchError(f"No picture came within {_TIMEOUT_S:.0f} s.") from None
    except ValueError:
        last = (told.stderr.strip().splitlines() or ["nothing was said"])[-1]
        raise BenchError(f"No picture came: {last}") from None
    return FirstFrame(made_s - opened_s, cpu_s, made_s - begun_s)


async def _show_one() -> tuple[float, float, float]:
    """Open a studio until it has made a picture: when it was opened, when that was, and the CPU time between."""
    from eyeline.bot.studio import Studio, StudioPlan
    from eyeline.config.settings import load_settings

    settings = load_settings({"video.source": "pattern", "effects.background": "blur"}).settings
    processes = ProcessTree(os.getpid())
    opened_s, before_s = time.perf_counter(), processes.cpu_s()
    async with Studio(StudioPlan.of(settings), settings, emit=lambda _: None) as studio:
        while not studio.processed:  # noqa: ASYNC110 - the picture's thread tells nobody but the studio
            await asyncio.sleep(_POLL_S)
        return opened_s, time.perf_counter(), processes.cpu_s() - before_s


if __name__ == "__main__":
    sys.stdout.write("{} {} {}\n".format(*asyncio.run(_show_one())))
