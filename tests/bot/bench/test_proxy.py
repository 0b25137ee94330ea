"""A person, a bot and a viewer for some seconds: the keys, and that what is measured is there."""

from __future__ import annotations

import pytest
from bench_lab import SIZE_PX, needs_address
from busy_machine import in_a_quiet_moment

from eyeline.bot.bench.cases import Case, measure_case
from eyeline.bot.bench.packets import CodedClip
from eyeline.bot.bench.proxy import ProxyPlan, measure_parts, memory_growth_mb_per_hour, record
from eyeline.bot.bench.session import Subject, run_proxy
from eyeline.bot.bench.timeline import Passage
from eyeline.bot.bench.topology import Recording

pytestmark = needs_address

KEYS = {
    "fps",
    "added_latency_ms",
    "cpu_cores",
    "loop_lag_ms",
    "dropped",
    "audio_skew_ms",
    "ratio_to_parts",
    "ratio_to_naive_p95",
}
PARTS_MS = {"decode_ms": 1.0, "work_ms": 3.0, "encode_ms": 1.0}


def plan(coded: CodedClip, *, work_ms: float = 3.0) -> ProxyPlan:
    return ProxyPlan(coded, "VP8", work_ms, 2.0)


@in_a_quiet_moment
async def test_the_quiet_case() -> None:
    told: list[str] = []
    result = await run_proxy(
        "vp8", 3, Subject(size_px=SIZE_PX), told.append, cases=[Case.QUIET], work_ms=3, worker="process"
    )
    assert result.keys() >= KEYS
    assert result["added_latency_ms"].keys() == {"p50", "p95", "p99"}
    assert result["fps"] > 5
    assert 0 < result["direct_latency_ms"]["p50"] < result["latency_ms"]["p50"] < 5000
    assert result["cpu_cores"] > 0
    assert result["loop_lag_ms"]["p99"] >= 0
    assert result["audio_skew_ms"]["p95"] >= 0
    assert result["ratio_to_parts"] > 0
    assert result["ratio_to_naive_p95"] is not None
    assert result["parts_cpu_ms_per_frame"]["work_ms"] >= 3
    assert result["unasked_keyframes"] == 0
    assert result["restarts"] == 0
    assert "cases" not in result
    assert told


@in_a_quiet_moment
async def test_the_direct_path_loses_nothing(coded: CodedClip) -> None:
    recording = await record(plan(coded), None, 2.0, warm_up_s=0.5)
    assert recording.passage.sent >= 40
    assert recording.passage.dropped <= 2
    assert recording.seen["heights_px"] == [SIZE_PX[1]]
    assert recording.seen["flashes_s"]
    assert recording.seen["beeps_s"]


@pytest.mark.parametrize("worker", ["process", "thread"])
async def test_the_bot_passes_pictures_on(coded: CodedClip, worker: str) -> None:
    wanted = ProxyPlan(coded, "H264", 3.0, 3.0, worker)
    recording = await record(wanted, wanted.bot(), 2.0, warm_up_s=0.5)
    assert recording.passage.shown
    assert recording.bot_cpu_s > 0
    for name in ("decoded", "processed", "encoded", "octets"):
        assert recording.bot[name] > recording.bot_before[name], name


async def test_the_parts(coded: CodedClip) -> None:
    parts_ms = await measure_parts(plan(coded, work_ms=5))
    assert parts_ms["work_ms"] == pytest.approx(5, abs=1)
    assert parts_ms["decode_ms"] > 0
    assert parts_ms["encode_ms"] > 0


@pytest.mark.parametrize(
    ("case", "keys"),
    [
        (Case.OVERLOAD, {"fps", "fps_possible", "share_of_possible", "latency_p95_ms", "flat", "dropped"}),
        (Case.HALF_CPU, {"fps", "fps_possible", "share_of_possible", "latency_p95_ms", "flat", "dropped"}),
        (Case.LOSS_5, {"fps", "shown_share", "longest_freeze_ms", "latency_p95_ms", "packets_lost"}),
        (Case.BANDWIDTH_STEP, {"longest_freeze_ms", "recovered_after_s", "unasked_keyframes"}),
    ],
)
async def test_disturbed(coded: CodedClip, case: Case, keys: set[str]) -> None:
    result = await measure_case(case, plan(coded), PARTS_MS)
    assert result.keys() >= keys
    assert result["fps"] > 0
    if case is Case.LOSS_5:
        assert result["packets_lost"] > 0


def test_memory_growth_is_a_line_through_a_minute() -> None:
    def measured(seconds: float, mb_per_s: float) -> Recording:
        journey = Passage(0, seconds, 0, [])
        rss = [(float(at_s), 200 + mb_per_s * at_s) for at_s in range(int(seconds))]
        return Recording(journey, {}, {}, bot_rss_mb=rss)

    assert memory_growth_mb_per_hour(measured(120, 0.01)) == pytest.approx(36)
    assert memory_growth_mb_per_hour(measured(30, 0.01)) is None
