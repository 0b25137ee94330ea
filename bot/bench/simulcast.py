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
_TURN_S: Final = 2.0  # a machine's phases last for tens of seconds, and two turns have to be in one
_LEAST_TURNS: Final = 4
_TURN_WARM_UP_S: Final = 0.8  # a turn begins with a keyframe, and with quantizers that come down from it
_SOURCE_S: Final = 1.0
_SETTLE_S: Final = 6.0
_MOST_SWITCHES: Final = 20
_BEFORE_STEP_S: Final = 8.0
_AFTER_STEP_S: Final = 10.0


async def measure_simulcast(plan: PublishPlan, tell: Tell) -> dict[str, Any]:
    """Measure, in short turns that alternate, with the same load on the machine beside each of them.

    With warming up, switching sizes and narrowing the path it takes some three times the plan's length and a minute.

    Args:
        plan: What to measure; VP8. Its length is that of both candidates together.
        tell: Takes a line for each step.

    Returns:
        What `eyeline bench publish --simulcast --json` writes.

    Raises:
        BenchError: A part of it failed.
    """
    begun_s, clip = time.monotonic(), plan.clip.arguments()
    turns = max(_LEAST_TURNS, round(plan.seconds / 2 / _TURN_S))
    turn_s = plan.seconds / 2 / turns
    layered: list[dict[str, Any]] = []
    single: list[dict[str, Any]] = []
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
        for number in range(turns):
            tell(f"round {number + 1} of {turns}")
            both = list(zip(senders, (layered, single), strict=True))
            for sender, costs in both if number % 2 else both[::-1]:  # neither is always the later one
                costs.append(await _cost(sender, turn_s))
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


async def _cost(sender: BenchProcess, turn_s: float) -> dict[str, Any]:
    warm_up_s = min(_TURN_WARM_UP_S, turn_s)
    used = await sender.call("measure", seconds=turn_s, warm_up_s=warm_up_s, timeout_s=turn_s + warm_up_s + 60)
    source = await sender.call("measure_source", seconds=min(turn_s, _SOURCE_S))
    source_ms = source["cpu_s"] * 1000 / source["frames"]
    return {**used, "cpu_ms": used["cpu_s"] * 1000 / used["frames"] - source_ms, "source_ms": source_ms}


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
