"""`make soak`: SOAK_SECONDS (3600) in a room, JSON on standard output, 1 as the exit code where something grew."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from jitsi_lab.addresses import local_media_address
from jitsi_lab.deployment import JitsiLab
from prosody_process import has_prosody

from soak.life import ROOM, Life
from soak.program import Program
from soak.verdict import Sample, verdict

logger = logging.getLogger("soak")

BUSY_S = 30.0
SETTLE_S = 6.0
SERVER_EVERY_S, BRIDGE_EVERY_S, CUT_EVERY_S, CHANNEL_EVERY_S = 600.0, 240.0, 100.0, 170.0
WARM_UP_S = 300.0


async def soak(seconds: float, seed: int) -> dict[str, Any]:
    """Run it.

    Returns:
        Figures, and `faults`, which are empty when all is well.
    """
    address = local_media_address()
    if address is None or not has_prosody():
        return {"faults": ["needs Prosody and a network address besides loopback"]}
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        folder = Path(name)
        (folder / "prosody").mkdir()
        environment = {**os.environ, "XDG_CONFIG_HOME": f"{folder}/config", "XDG_DATA_HOME": f"{folder}/data"}
        async with (
            JitsiLab(folder / "prosody", address, restart_interval_s=0.0) as lab,
            Program(lab.url(ROOM), folder, environment) as program,
        ):
            return await _stay(lab, program, seconds, seed)


async def _stay(lab: JitsiLab, program: Program, seconds: float, seed: int) -> dict[str, Any]:
    life, samples, faults = Life(lab, program, seed), list[Sample](), list[str]()
    begun_s = time.monotonic()
    due_s = {
        life.restart_server: min(SERVER_EVERY_S, seconds / 4),
        life.restart_bridge: min(BRIDGE_EVERY_S, seconds / 5),
        life.cut_connection: CUT_EVERY_S,
        life.cut_channel: CHANNEL_EVERY_S,
    }
    every_s = dict(due_s)
    try:
        while program.running and time.monotonic() - begun_s < seconds:
            await life.busy(min(BUSY_S, seconds / 20))
            for disaster, at_s in due_s.items():
                if time.monotonic() - begun_s >= at_s:
                    due_s[disaster] = time.monotonic() - begun_s + every_s[disaster]
                    await disaster()
            await life.quiet()
            await asyncio.sleep(SETTLE_S)
            samples.append(await program.sample())
            _tell(samples[-1], life)
    except TimeoutError:
        faults.append(f"not on the air again after {time.monotonic() - begun_s:.0f} s: {dict(life.acts)}")
    await life.everybody_goes()
    code = await program.leave() if program.running else program.returncode
    result = verdict(samples, min(WARM_UP_S, seconds / 3))
    if code != 0:
        faults.append(f"the program ended with {code}: {list(program.last_words)[-3:]}")
    faults += [f"in the log: {line}" for line in program.trouble[:10]]
    faults += [f"complaint: {each}" for each in lab.complaints[:10]]
    result["faults"] = [*faults, *result["faults"]]
    result |= {"seconds": time.monotonic() - begun_s, "seed": seed, "acts": dict(life.acts)}
    return result | {"events": dict(program.events)}


def _tell(sample: Sample, life: Life) -> None:
    workers_mb = sum(sample.workers_mb.values())
    memory = f"{sample.held_mb:.1f} of {sample.memory_mb:.1f} MB held and {workers_mb:.1f} MB in workers"
    held = f"{sample.sockets} sockets, {sample.files} files, {sample.threads} threads, {len(sample.tasks)} tasks"
    logger.info("%5.0f s: %s, %s; %d acts", sample.at_s, memory, held, life.acts.total())


def main() -> int:
    """The program."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(message)s")
    for noisy in ("aioice", "aiortc", "aiohttp", "slixmpp", "soak.life"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    seconds = float(os.environ.get("SOAK_SECONDS", "3600"))
    result = asyncio.run(soak(seconds, int(os.environ.get("SOAK_SEED", "1"))))
    print(json.dumps(result, indent=2))  # noqa: T201
    return 1 if result["faults"] else 0


if __name__ == "__main__":
    sys.exit(main())
