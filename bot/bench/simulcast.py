"""What three sizes side by side cost against the largest alone, and what a receiver has of them."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from statistics import median
from typing import Any, Final

from eyeline.bot.bench.errors import BenchError
from eyeline.bot.bench.process import BenchProcess
from eyeline.bot.bench.publish import LOAD_BESIDE_MS, PublishPlan, Tell
from eyeline.bot.bench.statistics import Percentiles, Ratio
from eyeline.processing.rtc.effort import Effort

SINGLE_BPS: Final = 1_500_000  # what the top layer gets
_RAMP_S: Final = 8.0
_TURN_S: Final = 2.0
_LEAST_TURNS: Final = 4
_WARM_UP_S: Final = 3.0
_SOURCE_S: Final = 3.0
_SETTLE_S: Final = 6.0
_MOST_SWITCHES: Final = 20
_BEFORE_STEP_S: Final = 8.0
_AFTER_STEP_S: Final = 10.0


async def measure_simulcast(plan: PublishPlan, tell: Tell) -> dict[str, Any]:
    """Measure both at the same time, turn by turn, with the same load on the machine beside them.

    Side by side they have the same share of what else the machine does, which changes from second to second. With
    warming up, switching sizes and narrowing the path it takes some two times the plan's length and a minute.

    Args:
        plan: What to measure; VP8.
        tell: Takes a line for each step.

    Returns:
        What `eyeline bench publish --simulcast --json` writes.

    Raises:
        BenchError: A part of it failed.
    """
    begun_s, clip = time.monotonic(), plan.clip.arguments()
    turns = max(_LEAST_TURNS, round(plan.seconds / _TURN_S))
    async with AsyncExitStack() as stack:
        senders = []
        for simulcast in (True, False):
            sender = await stack.enter_async_context(
                BenchProcess("publisher:Publisher", clip=clip, codec="VP8", bitrate_bps=SINGLE_BPS, simulcast=simulcast)
            )
            viewer = await stack.enter_async_context(BenchProcess("counting:CountingViewer"))
            await sender.call("accept", sdp=await viewer.call("answer", sdp=await sender.call("offer")))
            senders.append(sender)
        await stack.enter_async_context(BenchProcess("hog:Neighbour", work_ms=LOAD_BESIDE_MS))
        tell("warming up")
        ramp_s = min(plan.seconds, _RAMP_S)
        await asyncio.gather(*(sender.call("warm_up", seconds=ramp_s, timeout_s=ramp_s + 20) for sender in senders))
        for sender in senders:
            await sender.call("hold_effort")
        tell(f"{turns} turns")
        layered, single = await asyncio.gather(*(_costs(sender, [plan.seconds / turns] * turns) for sender in senders))
    tell("switching between sizes")
    async with BenchProcess("layered_pair:LayeredPair", clip=clip) as pair:
        switches = min(_MOST_SWITCHES, max(4, round(plan.seconds / 2)))
        settle_s = min(_SETTLE_S, plan.seconds)
        switched = await pair.call("switch", switches=switches, settle_s=settle_s, timeout_s=switches * 32 + 60)
    tell("narrowing the path")
    async with BenchProcess("layered_pair:LayeredPair", clip=clip) as pair:
        narrowed = await pair.call("narrow", before_s=_BEFORE_STEP_S, after_s=_AFTER_STEP_S, timeout_s=90)
    return _result(plan, turns, layered, single) | {
        "switch_ms": _percentiles(switched["switch_ms"]),
        "switches": len(switched["switch_ms"]),
        "switches_missed": switched["missed"],
        "longest_gap_ms": switched["longest_gap_ms"],
        "bandwidth_step": narrowed,
        "took_s": time.monotonic() - begun_s,
    }


async def _costs(sender: BenchProcess, turns_s: list[float]) -> list[dict[str, Any]]:
    warm_up_s, source_s = min(_WARM_UP_S, sum(turns_s)), min(_SOURCE_S, sum(turns_s))
    timeout_s = sum(turns_s) + warm_up_s + 60
    turns = await sender.call("measure_turns", turns_s=turns_s, warm_up_s=warm_up_s, timeout_s=timeout_s)
    source = await sender.call("measure_source", seconds=source_s)
    source_ms = source["cpu_s"] * 1000 / source["frames"]
    return [
        {**used, "cpu_ms": used["cpu_s"] * 1000 / used["frames"] - source_ms, "source_ms": source_ms} for used in turns
    ]


def _result(
    plan: PublishPlan, rounds: int, layered: list[dict[str, Any]], single: list[dict[str, Any]]
) -> dict[str, Any]:
    ratio = Ratio.of([each["cpu_ms"] for each in layered], [each["cpu_ms"] for each in single])
    if ratio is None:
        raise BenchError("Not one round was measured.")
    return {
        "codec": "vp8",
        "size_px": [plan.clip.width_px, plan.clip.height_px],
        "seconds": plan.seconds,
        "rounds": rounds,
        "load_beside_ms_per_frame": LOAD_BESIDE_MS,
        "cpu_ms_per_frame": median(each["cpu_ms"] for each in layered),
        "single_cpu_ms_per_frame": median(each["cpu_ms"] for each in single),
        "source_cpu_ms_per_frame": median(each["source_ms"] for each in layered),
        "ratio_to_single": ratio.median,
        "sent_bps": median(_bps(each) for each in layered),
        "single_sent_bps": median(_bps(each) for each in single),
        "efforts": [Effort(each["effort"]).name.lower() for each in layered],
        "single_efforts": [Effort(each["effort"]).name.lower() for each in single],
        "spread": {"ratio_to_single": [ratio.least, ratio.most], "quartiles": list(ratio.quartiles)},
    }


def _bps(used: dict[str, Any]) -> float:
    return float(used["octets"] * 8 / used["frames"] * 30)


def _percentiles(values_ms: list[float]) -> dict[str, float] | None:
    percentiles = Percentiles.of(values_ms)
    if percentiles is None:
        return None
    return {"p50": percentiles.p50, "p95": percentiles.p95, "most": max(values_ms)}
