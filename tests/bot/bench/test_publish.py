"""What sending costs, measured for some seconds: the keys, and keyframes that nobody asked for."""

from __future__ import annotations

import av
import pytest
from aiortc.codecs.base import Encoder
from aiortc.codecs.vpx import Vp8Encoder, VpxPayloadDescriptor
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from bench_lab import SIZE_PX, needs_address
from busy_machine import in_a_quiet_moment

from eyeline.bot.bench import publish as module
from eyeline.bot.bench import session
from eyeline.bot.bench.clip import Clip
from eyeline.bot.bench.gstreamer import encoder_elements, gstreamer_cost, gstreamer_lacks
from eyeline.bot.bench.parts import BareCodec
from eyeline.bot.bench.process import BenchProcess
from eyeline.bot.bench.publisher import Publisher
from eyeline.bot.bench.session import Subject
from eyeline.processing.rtc.effort import Effort

KEYS = {"codec", "cpu_ms_per_frame", "ratio_to_bare_codec", "unasked_keyframes"}


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> float:
    """Seconds that are too short for figures, and long enough for what they are made of."""
    monkeypatch.setattr(session, "LEAST_S", 1.2)
    monkeypatch.setattr(module, "_LEAST_ROUNDS", 2)
    return 1.2


@needs_address
@in_a_quiet_moment
async def test_a_short_run(brief: float) -> None:
    told: list[str] = []
    result = await session.run_publish("vp8", brief, Subject(size_px=SIZE_PX), told.append)
    assert result.keys() >= KEYS
    assert result["codec"] == "vp8"
    assert 0 < result["bare_codec_cpu_ms_per_frame"] < 100
    assert 0 < result["cpu_ms_per_frame"] < 200
    assert result["ratio_to_bare_codec"] > 0
    assert result["unasked_keyframes"] == 0
    assert result["rate_changes"] >= 5
    assert len(result["efforts"]) == result["rounds"] == 2
    assert result["frames_counted"] > 10
    compared = "ratio_to_gstreamer" in result
    assert compared == ("gstreamer_cpu_ms_per_frame" in result)
    assert compared != any("GStreamer" in line for line in told)


@needs_address
@in_a_quiet_moment
async def test_without_gstreamer_its_key_is_left_out_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch, brief: float
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    told: list[str] = []
    result = await session.run_publish("h264", brief, Subject(size_px=SIZE_PX), told.append)
    assert result.keys() >= KEYS
    assert result["codec"] == "h264"
    assert result["unasked_keyframes"] == 0
    assert "ratio_to_gstreamer" not in result
    assert "not compared with GStreamer: gst-launch-1.0 is not installed" in told


@needs_address
async def test_keyframes_of_the_encoders_own_accord_are_counted(clip: Clip, monkeypatch: pytest.MonkeyPatch) -> None:
    """aiortc's own encoder begins anew whenever the rate changes: that is seen in what it makes."""
    assert await unasked(clip) == 0
    monkeypatch.setattr("eyeline.processing.rtc.frame_encoder.live_encoder", RestlessEncoder)
    assert await unasked(clip) >= 3


async def unasked(clip: Clip) -> int:
    async with (
        BenchProcess("counting:CountingViewer") as viewer,
        Publisher(clip.arguments(), "VP8", 1_000_000) as publisher,
    ):
        await publisher.accept(await viewer.call("answer", sdp=await publisher.offer()))
        await publisher.measure(1.0, 0.5)
        return (await publisher.change_rate(0.3))["unasked_keyframes"]


class RestlessEncoder(Encoder):
    """As aiortc's: another rate is another stream."""

    def __init__(self, _: RTCRtpCodecParameters) -> None:
        self._encoder = Vp8Encoder()
        self._made = 0
        self.last_is_keyframe = False

    def encode(self, frame: av.VideoFrame, force_keyframe: bool = False) -> tuple[list[bytes], int]:  # type: ignore[override]
        self._made += 1
        self._encoder.target_bitrate = 500_000 if self._made // 15 % 2 else 1_000_000
        payloads, timestamp = self._encoder.encode(frame, force_keyframe)
        # RFC 6386, section 9.1: the lowest bit of a frame is 0 in a keyframe
        self.last_is_keyframe = not VpxPayloadDescriptor.parse(payloads[0])[1][0] & 1
        return payloads, timestamp

    def pack(self, packet: av.Packet) -> tuple[list[bytes], int]:
        return self._encoder.pack(packet)


@in_a_quiet_moment
async def test_the_bare_codec(clip: Clip) -> None:
    async with BareCodec(clip.arguments(), "VP8", 500_000) as bare:
        used = await bare.measure(1.0, 0.2, Effort.FULL)
    assert 20 <= used["frames"] <= 40
    assert used["cpu_s"] > 0
    assert used["octets"] > 1000


@in_a_quiet_moment
async def test_gstreamer_is_measured(clip: Clip) -> None:
    lacks = await gstreamer_lacks("VP8")
    if lacks:
        pytest.skip(lacks)
    source = await gstreamer_cost(clip, None, seconds=1, warm_up_s=0.5)
    whole = await gstreamer_cost(clip, encoder_elements("VP8", 500_000, Effort.FULL), seconds=1, warm_up_s=0.5)
    assert 0 < source.cpu_ms < whole.cpu_ms
    assert source.bps == 0
    assert 100_000 < whole.bps < 1_500_000


def test_rounds_are_no_longer_than_the_clip() -> None:
    for seconds in (3, 24, 100):
        plan = module.PublishPlan(Clip(None, 2, 2, 300), "VP8", seconds)  # type: ignore[arg-type]
        assert plan.rounds >= 3
        assert plan.round_s + plan.warm_up_s < 10
        assert plan.rounds * plan.round_s == pytest.approx(seconds)
