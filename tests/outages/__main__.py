"""How long nothing new is seen of Eyeline after each kind of outage, beyond what the network itself needs.

A real Prosody and the lab's focus and bridge; `eyeline join` in a network namespace, so it needs root. For each kind,
`return_ms` is the longest time without a new decoded picture at a watcher, from the moment at which everything could be
used again; `network_ms` is what a plain client of aiortc and slixmpp takes for the same. Kinds and rounds
by environment: `OUTAGES` (names with commas), `OUTAGE_ROUNDS`. Figures go to standard output as JSON.
"""

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

import netns_lab
from jitsi_lab import watcher_media
from prosody_process import has_prosody

from outages.events import OUTAGES, Outage, mend
from outages.figures import Outages, Pause, longest_s, pauses_of
from outages.plain import network_ms
from outages.stage import Stage, Staged

logger = logging.getLogger("outages")

ROUNDS = 5
PLAIN_ROUNDS = 5


async def measure(names: list[str], rounds: int, plain_rounds: int = PLAIN_ROUNDS) -> dict[str, Any]:
    """Let every kind happen so many times.

    Returns:
        Figures by kind, or `skipped` with the reason.
    """
    if not has_prosody() or netns_lab.missing():
        return {"skipped": netns_lab.missing() or "needs Prosody (apt install prosody)"}
    watcher_media.KEYFRAME_PATIENCE_S = 0.1  # as long as real bridges wait, or less
    found = {name: Outages(OUTAGES[name].needs) for name in names}
    with tempfile.TemporaryDirectory(prefix="outages-") as folder:
        async with Staged(Path(folder)) as staged:
            stage = await staged.build()
            own_ms = await network_ms(stage, plain_rounds)
            logger.info("a plain client: %s", {name: round(each) for name, each in own_ms.items()})
            for name in names:
                if name != names[0]:
                    await stage.begin_anew()  # a server that forgot a session is not asked to keep the next one
                for number in range(rounds):
                    if number:
                        await asyncio.sleep(OUTAGES[name].apart_s)
                    await _round(stage, OUTAGES[name], found[name])
                    logger.info("%s %d: %s", name, number + 1, found[name].return_ms[-1:])
            complaints = stage.lab.complaints
    return {
        "outages": {name: each.told(own_ms) for name, each in found.items()},
        "network_ms": {name: round(each) for name, each in own_ms.items()},
        "complaints": complaints,
    }


async def _round(stage: Stage, outage: Outage, found: Outages) -> None:
    await stage.on_air()
    begun_s = time.monotonic()
    usable_s = await outage.happen(stage)
    until_s = usable_s + outage.settle_s
    await asyncio.sleep(max(0.0, until_s - time.monotonic()))
    pauses = pauses_of(stage.decoded_at_s, usable_s, until_s)
    lost_s = longest_s(pauses)
    if lost_s >= outage.settle_s * 0.9:
        found.missed += 1
        logger.warning("not on the air %.0f s afterwards", outage.settle_s)
    else:
        found.return_ms.append(lost_s * 1000)
    _tell(stage, begun_s, usable_s, pauses)
    if outage.signalling:
        resumed_s = stage.program.when(usable_s, "advice", code="signalling_resumed")
        found.signalling_ms += [] if resumed_s is None else [(resumed_s - usable_s) * 1000]
    await mend(stage)
    try:
        await stage.on_air()
    except TimeoutError:
        logger.warning("another one looks")
        await stage.watch()
        await stage.on_air(120.0)


def _tell(stage: Stage, begun_s: float, usable_s: float, pauses: list[Pause]) -> None:
    """When nothing was seen, and what the program told of it, by the time since everything could be used."""
    for at_s, event in stage.program.told:
        if at_s > begun_s and event["event"] in _TOLD:
            said = event.get("code") or event.get("state") or ""
            logger.info("    %6.2f %s %s %s", at_s - usable_s, event["event"], said, event.get("reason", ""))
    logger.info("    nothing new: %s", [f"{begin - usable_s:.2f} to {end - usable_s:.2f}" for begin, end in pauses])


_TOLD = ("state_changed", "advice", "media_lost", "media_connected")


def main() -> int:
    """The program."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(message)s")
    for noisy in ("aioice", "aiortc", "aiohttp", "slixmpp"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    names = [name for name in os.environ.get("OUTAGES", "").split(",") if name] or list(OUTAGES)
    rounds = int(os.environ.get("OUTAGE_ROUNDS", ROUNDS))
    result = asyncio.run(measure(names, rounds, min(rounds, PLAIN_ROUNDS)))
    print(json.dumps(result, indent=2))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
