"""The bot when something disturbs it: too much work, too little CPU, a bad network."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from enum import Enum
from typing import Any, Final

import numpy as np
import psutil

from eyeline.bot.bench.clip import FPS
from eyeline.bot.bench.process import BenchProcess
from eyeline.bot.bench.proxy import ProxyPlan, record, skew_result
from eyeline.bot.bench.relay import Relay, Weather
from eyeline.bot.bench.timeline import Passage, flatness
from eyeline.bot.bench.topology import Recording, Topology

ONE_WAY_S: Final = 0.025
WIDE_BPS: Final = 2_000_000
NARROW_BPS: Final = 800_000
OVERLOAD: Final = 3
CALM_MS: Final = 150.0
_LONGEST_S: Final = 20.0
_LEAST_STEP_S: Final = 4.0
_RAMP_S: Final = 8.0
_LEAST_SLICE_S: Final = 0.1  # of the window's end, which never falls on a half second


class Case(Enum):
    """What disturbs the bot."""

    QUIET = "quiet"
    OVERLOAD = "overload"
    HALF_CPU = "half-cpu"
    LOSS_2 = "loss-2"
    LOSS_5 = "loss-5"
    BANDWIDTH_STEP = "bandwidth-step"


async def measure_case(case: Case, plan: ProxyPlan, parts_ms: dict[str, float]) -> dict[str, Any]:
    """Measure one case that is not quiet.

    Args:
        case: What disturbs.
        plan: As of the quiet case; its rounds are not repeated.
        parts_ms: CPU time for a picture of decoding, work and encoding, from the quiet case.

    Raises:
        BenchError: A part of it failed.
    """
    seconds = min(plan.seconds, _LONGEST_S)
    match case:
        case Case.OVERLOAD:
            return await _overload(plan, parts_ms, seconds)
        case Case.HALF_CPU:
            return await _half_cpu(plan, parts_ms, seconds)
        case Case.LOSS_2:
            return await _loss(plan, 0.02, seconds)
        case Case.LOSS_5:
            return await _loss(plan, 0.05, seconds)
        case Case.BANDWIDTH_STEP:
            return await _bandwidth_step(plan, max(seconds, _LEAST_STEP_S))
        case _:
            raise ValueError(f"{case} is no disturbance")


def possible_fps(parts_ms: dict[str, float], *, cores: float, share: float = 1.0) -> float:
    """How many pictures a second there is CPU for, if nothing else cost any.

    Each part has one thread; all together have so many cores.

    Args:
        parts_ms: CPU time for a picture of each part.
        cores: Of the machine.
        share: Of each core, which is left for us.
    """
    slowest_ms, all_ms = max(parts_ms.values()), sum(parts_ms.values())
    return min(FPS, share * 1000 / slowest_ms, share * cores * 1000 / all_ms)


async def _overload(plan: ProxyPlan, parts_ms: dict[str, float], seconds: float) -> dict[str, Any]:
    work_ms = plan.work_ms * OVERLOAD
    recording = await record(plan, plan.bot(work_ms=work_ms), seconds)
    possible = possible_fps({**parts_ms, "work_ms": work_ms}, cores=psutil.cpu_count() or 1)
    return {"work_ms": work_ms, **_loaded_result(recording, possible)}


async def _half_cpu(plan: ProxyPlan, parts_ms: dict[str, float], seconds: float) -> dict[str, Any]:
    cores = sorted(psutil.Process().cpu_affinity()) if hasattr(psutil.Process, "cpu_affinity") else range(2)
    async with AsyncExitStack() as stack:
        topology = await stack.enter_async_context(Topology(plan.coded, plan.bot()))
        for core in cores:
            await stack.enter_async_context(BenchProcess("hog:Hog", core=core))
        recording = await topology.record(seconds, warm_up_s=plan.warm_up_s)
    return _loaded_result(recording, possible_fps(parts_ms, cores=len(cores), share=0.5))


def _loaded_result(recording: Recording, possible: float) -> dict[str, Any]:
    journey = recording.passage
    return {
        "fps": journey.fps,
        "fps_possible": possible,
        "share_of_possible": journey.fps / possible,
        "latency_p95_ms": _p95(journey.latencies_ms),
        **flatness(journey.latencies_ms),
        "dropped": journey.dropped,
        "longest_freeze_ms": journey.longest_freeze_ms,
        "cpu_cores": recording.bot_cpu_s / journey.seconds,
        "loop_lag_ms": recording.bot["loop_lag_ms"],
        "heights_px": recording.seen["heights_px"],
    }


async def _loss(plan: ProxyPlan, loss: float, seconds: float) -> dict[str, Any]:
    """Losses on the way from the person to the bot; what is shown at the viewer, whose own way is clear."""
    relay = Relay(Weather(loss=loss, delay_s=ONE_WAY_S))
    recording = await record(plan, plan.bot(), seconds, ingest=relay)
    journey = recording.passage
    return {
        "loss": loss,
        "round_trip_ms": ONE_WAY_S * 2000,
        "packets_lost": sum(direction.lost for direction in relay.directions),
        "fps": journey.fps,
        "shown_share": len(journey.shown) / max(1, journey.sent),
        "longest_freeze_ms": journey.longest_freeze_ms,
        "latency_p50_ms": _p50(journey.latencies_ms),
        "latency_p95_ms": _p95(journey.latencies_ms),
        "audio_skew_ms": skew_result([recording], []),
        "keyframe_requests_to_person": recording.sent["requests"],
    }


async def _bandwidth_step(plan: ProxyPlan, seconds: float) -> dict[str, Any]:
    """The way from the bot to the viewer becomes narrow after half of the time."""
    relay = Relay(Weather(delay_s=0.01, rate_bps=WIDE_BPS))
    async with Topology(plan.coded, plan.bot(), outgoing=relay) as topology:
        ramp_s = min(_RAMP_S, seconds)
        task = asyncio.create_task(topology.record(seconds, warm_up_s=ramp_s))
        await asyncio.sleep(ramp_s + seconds / 2)
        relay.change(Weather(delay_s=0.01, rate_bps=NARROW_BPS))
        recording = await task
    journey = recording.passage
    step_s = journey.begin_s + seconds / 2
    after = journey.part(step_s, journey.end_s)
    sent = {name: recording.bot[name] - recording.bot_before[name] for name in ("unasked_keyframes", "retransmissions")}
    return {
        "from_bps": WIDE_BPS,
        "to_bps": NARROW_BPS,
        "fps": after.fps,
        "longest_freeze_ms": after.longest_freeze_ms,
        "recovered_after_s": recovered_after_s(after),
        "latency_p95_before_ms": _p95(journey.part(journey.begin_s, step_s).latencies_ms),
        "latency_p95_after_ms": _p95(after.latencies_ms),
        "packets_lost": relay.directions[0].lost,
        "heights_px": recording.seen["heights_px"],
        **sent,
    }


def recovered_after_s(journey: Passage) -> float:
    """How long after its beginning pictures are less than `CALM_MS` late for good, in whole half seconds."""
    recovered_s, begin_s = 0.0, journey.begin_s
    while journey.end_s - begin_s > _LEAST_SLICE_S:
        end_s = min(begin_s + 0.5, journey.end_s)
        part = journey.part(begin_s, end_s)
        late = _p95(part.latencies_ms)
        if late is None or late > CALM_MS:
            recovered_s = end_s - journey.begin_s
        begin_s = end_s
    return recovered_s


def _p95(values_ms: list[float]) -> float | None:
    return float(np.percentile(values_ms, 95)) if values_ms else None


def _p50(values_ms: list[float]) -> float | None:
    return float(np.median(values_ms)) if values_ms else None
