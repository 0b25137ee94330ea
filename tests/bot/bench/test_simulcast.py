"""What simulcast costs, measured for seconds: the keys, and a receiver that really has other sizes."""

from __future__ import annotations

import av
import pytest
from aiortc.rtp import RtpPacket
from bench_lab import needs_address
from busy_machine import in_a_quiet_moment

from eyeline.bot.bench import session
from eyeline.bot.bench.clip import Clip, make_clip
from eyeline.bot.bench.layer_router import LayerRouter
from eyeline.bot.bench.layered_pair import LayeredPair
from eyeline.bot.bench.session import Subject
from eyeline.processing.frame import I420Image
from eyeline.processing.rtc.simulcast_encoder import LayerPlan, SimulcastEncoder


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    """Tall enough for three layers."""
    return make_clip(tmp_path_factory.mktemp("clip") / "clip.i420", width_px=960, height_px=540, frames=30)


@needs_address
@in_a_quiet_moment
async def test_a_receiver_has_each_size_and_a_narrow_path_costs_layers(clip: Clip) -> None:
    async with LayeredPair(clip.arguments()) as pair:
        switched = await pair.switch(4, settle_s=1.0)
        assert len(switched["switch_ms"]) == 4
        assert all(took_ms > 0 for took_ms in switched["switch_ms"])
        assert switched["longest_gap_ms"] > 0
        heights_px = {height_px for _, height_px in pair._seen}
        assert heights_px == {134, 270, 540}
        narrowed = await pair.narrow(1.0, 5.0)
        assert narrowed["heights_px"] in ([134], [134, 270])


@needs_address
async def test_keys_of_a_short_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eyeline.bot.bench.simulcast._BEFORE_STEP_S", 0.5)
    monkeypatch.setattr("eyeline.bot.bench.simulcast._AFTER_STEP_S", 1.0)
    monkeypatch.setattr("eyeline.bot.bench.simulcast._RAMP_S", 0.5)
    monkeypatch.setattr("eyeline.bot.bench.simulcast._SETTLE_S", 0.5)
    monkeypatch.setattr("eyeline.bot.bench.simulcast._MOST_SWITCHES", 1)
    monkeypatch.setattr("eyeline.bot.bench.simulcast._LEAST_TURNS", 2)
    monkeypatch.setattr(session, "LEAST_S", 1.0)
    result = await session.run_simulcast(1.0, Subject(size_px=(960, 540)), lambda _: None)
    assert result.keys() >= {"ratio_to_single", "cpu_ms_per_frame", "single_cpu_ms_per_frame", "switch_ms"}
    assert result["ratio_to_single"] > 0
    low, high = result["spread"]["quartiles"]
    assert low <= result["ratio_to_single"] <= high
    assert result["efforts"] == result["single_efforts"] == ["full"] * result["rounds"]
    assert result["switch_ms"]["p50"] <= result["switch_ms"]["most"]
    assert result["bandwidth_step"].keys() == {"longest_gap_ms", "latency_back_s", "heights_px", "lost"}


def packets(layer: int, payloads: list[bytes], sequence: int, timestamp: int) -> list[RtpPacket]:
    return [
        RtpPacket(97, 0, sequence + number, timestamp, [1, 2, 3][layer], payload)
        for number, payload in enumerate(payloads)
    ]


def test_the_router_passes_one_layer_on_as_one_stream(clip: Clip) -> None:
    router, passed = LayerRouter([1, 2, 3]), []
    encoder = SimulcastEncoder()
    sizes = ((240, 136), (480, 270), (960, 540))
    frames = [picture_of(clip, number) for number in range(6)]
    for number, frame in enumerate(frames):
        router.target = 2 if number < 3 else 0
        router._group_at_s = float("-inf")  # as if pictures were far apart
        plan = LayerPlan(sizes, (100_000, 200_000, 500_000))
        for coded in encoder.encode(frame, number / 30, plan, keyframe=number == 4):
            for packet in packets(coded.layer, coded.payloads, 1000 * coded.layer + 100 * number, number * 3000):
                router.route_rtp(packet)
                if packet.ssrc == 1 and coded.layer == router.layer:
                    passed.append((number, coded.layer, packet.sequence_number))
    places = sorted({(number, layer) for number, layer, _ in passed})
    assert places == [(0, 2), (1, 2), (2, 2), (3, 2), (4, 0), (4, 2), (5, 0)]
    switch = next(index for index, each in enumerate(passed) if each[1] == 0)
    assert passed[switch][2] == passed[switch - 1][2] + 1
    assert router.layer == 0


def picture_of(clip: Clip, number: int) -> av.VideoFrame:
    frame = I420Image(clip.width_px, clip.height_px, clip.open()[number].reshape(-1)).as_video_frame()
    frame.pts = number
    return frame
