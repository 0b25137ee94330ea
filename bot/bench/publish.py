"""What sending costs: our way from a picture to packets against its codec alone, and against GStreamer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final

from eyeline.bot.bench.clip import FPS, Clip
from eyeline.bot.bench.errors import BenchError
from eyeline.bot.bench.gstreamer import encoder_elements, gstreamer_cost, gstreamer_lacks
from eyeline.bot.bench.process import BenchProcess
from eyeline.bot.bench.statistics import Ratio
from eyeline.processing.rtc.effort import Effort

BITRATE_BPS: Final = 2_500_000
LOAD_BESIDE_MS: Final = 12.0
_WARM_UP_S: Final = 1.5
_LONGEST_ROUND_S: Final = 8.0
_LEAST_ROUNDS: Final = 3
_SOURCE_S: Final = 3.0
_RATE_STEP_S: Final = 0.7
_RAMP_S: Final = 8.0  # our sender raises its rate by 15 % a second

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class PublishPlan:
    """What to measure.

    Args:
        clip: What is sent; long enough for a round.
        codec: `VP8` or `H264`.
        seconds: Of sending by us, in all rounds together.
    """

    clip: Clip
    codec: str
    seconds: float

    @property
    def rounds(self) -> int:
        """How often each candidate has its turn."""
        return max(_LEAST_ROUNDS, -int(-self.seconds // _LONGEST_ROUND_S))

    @property
    def round_s(self) -> float:
        """How long a turn is."""
        return self.seconds / self.rounds

    @property
    def warm_up_s(self) -> float:
        """How long before a turn is measured."""
        return min(_WARM_UP_S, self.round_s / 2)


@dataclass(frozen=True, slots=True)
class _Cost:
    """CPU time for a picture in ms, how much came out, and with which effort."""

    cpu_ms: float
    bps: int
    effort: int


@dataclass
class _Costs:
    """Round by round; of GStreamer without its source."""

    ours: list[_Cost] = field(default_factory=list)
    source_ms: list[float] = field(default_factory=list)
    bare: list[_Cost] = field(default_factory=list)
    gstreamer: list[_Cost] = field(default_factory=list)


async def measure_publish(plan: PublishPlan, tell: Tell) -> dict[str, Any]:
    """Measure, in rounds that alternate, with the same load on the machine beside each of them.

    What it costs to have pictures at all is measured as well and taken off, of ours and of GStreamer's.

    Args:
        plan: What to measure.
        tell: Takes a line for each step.

    Returns:
        What `eyeline bench publish --json` writes.

    Raises:
        BenchError: A part of it failed.
    """
    lacks = await gstreamer_lacks(plan.codec)
    if lacks:
        tell(f"not compared with GStreamer: {lacks}")
    costs = _Costs()
    async with _stage(plan) as (ours, bare, viewer):
        tell("warming up")
        await ours.call("warm_up", seconds=min(plan.seconds, _RAMP_S))
        for number in range(plan.rounds):
            tell(f"round {number + 1} of {plan.rounds}")
            costs.ours.append(await _cost_of(ours, plan))
            costs.source_ms.append(await _source_cost(ours, plan))
            effort = costs.ours[-1].effort
            costs.bare.append(await _cost_of(bare, plan, effort=effort))
            if lacks is None:
                await _measure_gstreamer(plan, costs, Effort(effort))
        tell("changing the rate")
        keyframes = await ours.call("change_rate", seconds_each=min(_RATE_STEP_S, plan.seconds / 10))
        counted = await viewer.call("counted")
    return _result(plan, costs, keyframes, counted)


@asynccontextmanager
async def _stage(plan: PublishPlan) -> AsyncIterator[tuple[BenchProcess, BenchProcess, BenchProcess]]:
    clip = plan.clip.arguments()
    async with (
        BenchProcess("publisher:Publisher", clip=clip, codec=plan.codec, bitrate_bps=BITRATE_BPS) as ours,
        BenchProcess("parts:BareCodec", clip=clip, codec=plan.codec, bitrate_bps=BITRATE_BPS) as bare,
        BenchProcess("counting:CountingViewer") as viewer,
        BenchProcess("hog:Neighbour", work_ms=LOAD_BESIDE_MS),
    ):
        answer = await viewer.call("answer", sdp=await ours.call("offer"))
        await ours.call("accept", sdp=answer)
        yield ours, bare, viewer


async def _cost_of(candidate: BenchProcess, plan: PublishPlan, **more: Any) -> _Cost:
    timeout_s = plan.round_s + plan.warm_up_s + 60
    used = await candidate.call("measure", seconds=plan.round_s, warm_up_s=plan.warm_up_s, timeout_s=timeout_s, **more)
    frames = used["frames"]
    return _Cost(used["cpu_s"] * 1000 / frames, int(used["octets"] * 8 / frames * FPS), used.get("effort", 0))


async def _source_cost(ours: BenchProcess, plan: PublishPlan) -> float:
    used = await ours.call("measure_source", seconds=min(plan.round_s, _SOURCE_S))
    return float(used["cpu_s"] * 1000 / used["frames"])


async def _measure_gstreamer(plan: PublishPlan, costs: _Costs, effort: Effort) -> None:
    elements = encoder_elements(plan.codec, BITRATE_BPS, effort)
    source, whole = [
        await gstreamer_cost(plan.clip, encoder, seconds=plan.round_s, warm_up_s=plan.warm_up_s)
        for encoder in (None, elements)
    ]
    costs.gstreamer.append(_Cost(whole.cpu_ms - source.cpu_ms, whole.bps, effort))


def _result(plan: PublishPlan, costs: _Costs, keyframes: dict[str, int], counted: dict[str, int]) -> dict[str, Any]:
    ours_ms = [each.cpu_ms - source_ms for each, source_ms in zip(costs.ours, costs.source_ms, strict=True)]
    bare_ms = [each.cpu_ms for each in costs.bare]
    to_bare = Ratio.of(ours_ms, bare_ms)
    if to_bare is None:
        raise BenchError("Not one round was measured.")
    result: dict[str, Any] = {
        "codec": plan.codec.lower(),
        "size_px": [plan.clip.width_px, plan.clip.height_px],
        "bitrate_bps": BITRATE_BPS,
        "seconds": plan.seconds,
        "rounds": plan.rounds,
        "load_beside_ms_per_frame": LOAD_BESIDE_MS,
        "cpu_ms_per_frame": median(ours_ms),
        "source_cpu_ms_per_frame": median(costs.source_ms),
        "bare_codec_cpu_ms_per_frame": median(bare_ms),
        "ratio_to_bare_codec": to_bare.median,
        "sent_bps": median(each.bps for each in costs.ours),
        "bare_codec_bps": median(each.bps for each in costs.bare),
        "efforts": [Effort(each.effort).name.lower() for each in costs.ours],
        "unasked_keyframes": keyframes["unasked_keyframes"],
        "rate_changes": keyframes["changes"],
        "frames_counted": counted["frames"],
        "spread": {"ratio_to_bare_codec": [to_bare.least, to_bare.most]},
    }
    gstreamer_ms = [each.cpu_ms for each in costs.gstreamer]
    to_gstreamer = Ratio.of(ours_ms, gstreamer_ms)
    if to_gstreamer is not None:
        result["gstreamer_cpu_ms_per_frame"] = median(gstreamer_ms)
        result["gstreamer_bps"] = median(each.bps for each in costs.gstreamer)
        result["ratio_to_gstreamer"] = to_gstreamer.median
        result["spread"]["ratio_to_gstreamer"] = [to_gstreamer.least, to_gstreamer.most]
    return result
