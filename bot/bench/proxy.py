"""What the bot adds between a person and a viewer: time, CPU, losses; against its own parts and a naive proxy."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final

import numpy as np

from eyeline.bot.bench.packets import CodedClip
from eyeline.bot.bench.process import BenchProcess
from eyeline.bot.bench.relay import Relay
from eyeline.bot.bench.statistics import Percentiles, Ratio
from eyeline.bot.bench.timeline import arrival_skews_ms, skews_ms
from eyeline.bot.bench.topology import Recording, Topology

_WARM_UP_S: Final = 3.0
MEMORY_LEAST_S: Final = 60.0
_LEAST_ROUND_S: Final = 3.0
_LONGEST_ROUND_S: Final = 15.0
_ROUNDS: Final = 3
_PARTS_S: Final = 6.0
TYPICAL_BPS: Final = 2_000_000

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ProxyPlan:
    """What to measure.

    Args:
        coded: What the person sends.
        codec: `VP8` or `H264`, from the bot to the viewer.
        work_ms: CPU time that the picture worker uses for a picture.
        seconds: Of the bot at work, in all rounds together.
        worker: `process` or `thread`.
        effects: Background and gaze, for the real picture instead of such work.
    """

    coded: CodedClip
    codec: str
    work_ms: float
    seconds: float
    worker: str = "process"
    effects: dict[str, str] | None = None

    @property
    def rounds(self) -> int:
        """How often each candidate has its turn in the comparison."""
        return _ROUNDS if self.seconds >= _ROUNDS * _LEAST_ROUND_S else 1

    @property
    def round_s(self) -> float:
        """How long a turn is in the comparison."""
        return min(self.seconds / self.rounds, _LONGEST_ROUND_S)

    @property
    def warm_up_s(self) -> float:
        """How long before a turn is measured."""
        return min(_WARM_UP_S, self.seconds / 3)

    @property
    def rest_s(self) -> float:
        """What is left for one long turn of the bot alone."""
        return max(0.0, self.seconds - self.rounds * self.round_s)

    def bot(self, *, work_ms: float | None = None) -> BenchProcess:
        """The bot, not started."""
        return BenchProcess(
            "bot:Bot",
            work_ms=self.work_ms if work_ms is None else work_ms,
            codec=self.codec,
            size_px=(self.coded.width_px, self.coded.height_px),
            worker=self.worker,
            effects=self.effects,
        )


@dataclass
class Rounds:
    """What was noted, round by round.

    Args:
        direct: Without a bot.
        naive: With the naive proxy.
        ours: With the bot; a long turn at the end counts as a round of its own.
        parts: CPU time for a picture of decoding, work and encoding, in ms.
    """

    direct: list[Recording] = field(default_factory=list)
    naive: list[Recording] = field(default_factory=list)
    ours: list[Recording] = field(default_factory=list)
    parts: list[dict[str, float]] = field(default_factory=list)

    @property
    def direct_ms(self) -> float:
        """The middle one of the direct path's latencies."""
        return float(np.median([value for each in self.direct for value in each.passage.latencies_ms]))

    @property
    def parts_ms(self) -> dict[str, float]:
        """The middle one of each part's costs."""
        return {name: median(each[name] for each in self.parts) for name in self.parts[0]}


async def measure_rounds(plan: ProxyPlan, tell: Tell) -> Rounds:
    """The direct path, the naive proxy, the bot and its parts in turn; then the bot alone for what is left.

    Raises:
        BenchError: A part of it failed.
    """
    rounds = Rounds()
    for number in range(plan.rounds):
        tell(f"round {number + 1} of {plan.rounds}")
        rounds.direct.append(await record(plan, None, plan.round_s))
        rounds.naive.append(await record(plan, _naive(plan), plan.round_s))
        rounds.ours.append(await record(plan, plan.bot(), plan.round_s))
        rounds.parts.append(await measure_parts(plan, _sent_bps(rounds.ours[-1])))
    if plan.rest_s:
        tell(f"the bot alone for {plan.rest_s:.0f} s")
        rounds.ours.append(await record(plan, plan.bot(), plan.rest_s))
    return rounds


async def record(
    plan: ProxyPlan,
    bot: BenchProcess | None,
    seconds: float,
    *,
    ingest: Relay | None = None,
    outgoing: Relay | None = None,
    warm_up_s: float | None = None,
) -> Recording:
    """One turn of a bot, or of the direct path."""
    async with Topology(plan.coded, bot, ingest=ingest, outgoing=outgoing) as topology:
        return await topology.record(seconds, warm_up_s=plan.warm_up_s if warm_up_s is None else warm_up_s)


def bot_result(rounds: Rounds) -> dict[str, Any]:
    """What the bot does, whatever its pictures cost."""
    latencies_ms = [value for each in rounds.ours for value in each.passage.latencies_ms]
    latency, seconds = Percentiles.of(latencies_ms), sum(each.passage.seconds for each in rounds.ours)
    cores = sum(each.bot_cpu_s for each in rounds.ours) / seconds
    return {
        "fps": sum(len(each.passage.shown) for each in rounds.ours) / seconds,
        "added_latency_ms": _listed(latency.less(rounds.direct_ms) if latency else None),
        "latency_ms": _listed(latency),
        "direct_latency_ms": _listed(_pooled(rounds.direct)),
        "cpu_cores": cores,
        "loop_lag_ms": _lag(rounds.ours),
        "dropped": sum(each.passage.dropped for each in rounds.ours),
        "longest_freeze_ms": max(each.passage.longest_freeze_ms for each in rounds.ours),
        "restarts": sum(each.bot["restarts"] for each in rounds.ours),
        "unasked_keyframes": sum(each.bot["unasked_keyframes"] for each in rounds.ours),
        "audio_skew_ms": skew_result(rounds.ours, rounds.direct),
        "memory_growth_mb_per_hour": memory_growth_mb_per_hour(rounds.ours[-1]),
    }


def quiet_result(rounds: Rounds) -> dict[str, Any]:
    """What `eyeline bench proxy --json` writes of the bot when nothing disturbs it."""
    to_naive, to_parts = _naive_ratio(rounds), _parts_ratio(rounds)
    return {
        **bot_result(rounds),
        "ratio_to_parts": to_parts.median if to_parts else None,
        "parts_cpu_ms_per_frame": rounds.parts_ms,
        "ratio_to_naive_p95": to_naive.median if to_naive else None,
        "naive": {
            "fps": _fps(rounds.naive),
            "added_latency_ms": _listed(_pooled(rounds.naive, less_ms=rounds.direct_ms)),
            "cpu_cores": median(each.bot_cpu_s / each.passage.seconds for each in rounds.naive),
        },
        "spread": {
            "ratio_to_parts": [to_parts.least, to_parts.most] if to_parts else None,
            "ratio_to_naive_p95": [to_naive.least, to_naive.most] if to_naive else None,
        },
    }


def skew_result(ours: list[Recording], direct: list[Recording]) -> dict[str, float | None]:
    """How far flashes and beeps are apart.

    `p50` is signed (sound later is positive) and `p95` is not, both by the sender's reports, which viewers go by.
    `at_arrival_p95` is by when they come out of the receiver, less what it is on the direct path.
    """
    reported = [value for each in ours for value in _skews(each)]
    floor_ms = float(np.median(_or_zero([value for each in direct for value in _skews(each, arrival=True)])))
    arrived = [abs(value - floor_ms) for each in ours for value in _skews(each, arrival=True)]
    return {
        "p50": float(np.median(reported)) if reported else None,
        "p95": float(np.percentile(np.abs(reported), 95)) if reported else None,
        "at_arrival_p95": float(np.percentile(arrived, 95)) if arrived else None,
    }


def memory_growth_mb_per_hour(recording: Recording) -> float | None:
    """By a straight line through the bot's resident memory; `None` for less than a minute."""
    if recording.passage.seconds < MEMORY_LEAST_S:
        return None
    at_s, rss_mb = np.array(recording.bot_rss_mb).T
    return float(np.polyfit(at_s, rss_mb, 1)[0] * 3600)


def _naive(plan: ProxyPlan) -> BenchProcess:
    return BenchProcess("naive:NaiveProxy", work_ms=plan.work_ms)


async def measure_parts(plan: ProxyPlan, bitrate_bps: int = TYPICAL_BPS) -> dict[str, float]:
    """CPU time for a picture of decoding, work and encoding, in ms.

    Measured while as much is sent and received beside them as there is beside the bot.

    Args:
        plan: What is decoded, and how it is encoded.
        bitrate_bps: To encode at.

    Raises:
        BenchError: It failed.
    """
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(Topology(plan.coded))
        role = BenchProcess(
            "parts:Parts",
            coded=plan.coded.arguments(),
            codec=plan.codec,
            work_ms=plan.work_ms,
        )
        parts = await stack.enter_async_context(role)
        seconds = min(plan.round_s, _PARTS_S)
        times: dict[str, float] = await parts.call(
            "measure", seconds=seconds, warm_up_s=1.0, bitrate_bps=bitrate_bps, timeout_s=seconds + 60
        )
        return times


def _sent_bps(recording: Recording) -> int:
    """What the bot sent of video, in bit/s."""
    octets = recording.bot["octets"] - recording.bot_before["octets"]
    return int(octets * 8 / recording.passage.seconds)


def _parts_ratio(rounds: Rounds) -> Ratio | None:
    """CPU of the bot against what its parts cost for as many pictures as it had of each."""
    needed_s, used_s = [], []
    for each, parts in zip(rounds.ours, rounds.parts, strict=False):
        done = {name: each.bot[name] - each.bot_before[name] for name in ("decoded", "processed", "encoded")}
        needed_s.append(
            (
                done["decoded"] * parts["decode_ms"]
                + done["processed"] * parts["work_ms"]
                + done["encoded"] * parts["encode_ms"]
            )
            / 1000
        )
        used_s.append(each.bot_cpu_s)
    return Ratio.of(used_s, needed_s)


def _naive_ratio(rounds: Rounds) -> Ratio | None:
    """The 95th percentile of what is added, ours to the naive proxy's, round by round."""
    ours, naive = (
        [_pooled([each], less_ms=rounds.direct_ms) for each in candidate] for candidate in (rounds.ours, rounds.naive)
    )
    pairs = [(mine.p95, other.p95) for mine, other in zip(ours, naive, strict=False) if mine and other]
    return Ratio.of([mine for mine, _ in pairs], [other for _, other in pairs])


def _pooled(recordings: list[Recording], *, less_ms: float = 0.0) -> Percentiles | None:
    pooled = Percentiles.of([value for each in recordings for value in each.passage.latencies_ms])
    return pooled.less(less_ms) if pooled else None


def _listed(percentiles: Percentiles | None) -> dict[str, float | None]:
    if percentiles is None:
        return {"p50": None, "p95": None, "p99": None}
    return {"p50": percentiles.p50, "p95": percentiles.p95, "p99": percentiles.p99}


def _fps(recordings: list[Recording]) -> float:
    return sum(len(each.passage.shown) for each in recordings) / sum(each.passage.seconds for each in recordings)


def _lag(recordings: list[Recording]) -> dict[str, float | None]:
    """The middle round's; there is no pooling percentiles."""
    lags = [each.bot["loop_lag_ms"] for each in recordings if each.bot["loop_lag_ms"]]
    return {name: median(lag[name] for lag in lags) if lags else None for name in ("p50", "p95", "p99")}


def _skews(recording: Recording, *, arrival: bool = False) -> list[float]:
    window = {"begin_s": recording.passage.begin_s, "end_s": recording.passage.end_s}
    find = arrival_skews_ms if arrival else skews_ms
    return find(recording.seen["flashes_s"], recording.seen["beeps_s"], **window)


def _or_zero(values: list[float]) -> list[float]:
    return values or [0.0]
