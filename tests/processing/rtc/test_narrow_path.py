"""A path that becomes narrow: a real one, between two network namespaces, that tc throttles."""

from __future__ import annotations

import asyncio
import itertools
import time
from typing import Any

import pytest
from aiortc import RTCRtpSender, RTCSessionDescription
from busy_machine import in_a_quiet_moment
from netns_lab import Machine, needs_namespaces

from eyeline.bot.bench.clip import Clip, make_clip
from eyeline.bot.bench.layered_pair import ClipTrack
from eyeline.bot.bench.process import BenchProcess
from eyeline.processing.rtc.aiortc_internals import LivePeerConnection, LiveSender
from eyeline.processing.rtc.video_step import StepLimit, VideoStep


def longest_gap_s(seen: dict[str, Any], begin_s: float, end_s: float) -> float:
    """The longest time without a picture at the viewer."""
    within = [at_s for _, at_s in seen["pictures"] if begin_s <= at_s <= end_s]
    return max(after - before for before, after in itertools.pairwise([begin_s, *within, end_s]))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    return make_clip(tmp_path_factory.mktemp("clip") / "clip.i420", frames=60)


@needs_namespaces
@pytest.mark.parametrize("plain", [True, False], ids=["aiortc's receiver", "ours"])
@in_a_quiet_moment
async def test_a_path_that_becomes_narrow_freezes_nothing(clip: Clip, plain: bool) -> None:
    """2.0 to 0.8 Mbit/s, and then to 0.3: each is followed before the queue on the way is full.

    Without that the queue overflows, what was lost is sent again on top, and the picture stands for two seconds.
    """
    steps: list[VideoStep] = []
    with Machine() as machine:
        (cable,) = machine.cables
        cable.throttle("2mbit")
        async with BenchProcess("receiver:Receiver", through=machine.command, width_px=1280, plain=plain) as viewer:
            connection = LivePeerConnection()
            transceiver = connection.addTransceiver(ClipTrack(clip), direction="sendonly")
            codecs = RTCRtpSender.getCapabilities("video").codecs
            transceiver.setCodecPreferences([codec for codec in codecs if codec.name in ("VP8", "rtx")])
            sender = transceiver.sender
            assert isinstance(sender, LiveSender)
            sender.on_step = steps.append
            await connection.setLocalDescription(await connection.createOffer())
            answer = await viewer.call("answer", sdp=connection.localDescription.sdp)
            await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
            try:
                await asyncio.sleep(4)
                narrowed_s = time.monotonic()
                cable.throttle("800kbit")
                await asyncio.sleep(4)
                cable.throttle("300kbit")
                await asyncio.sleep(3)
                ended_s, statistics, lost = time.monotonic(), sender.statistics, cable.lost()
                seen = await viewer.call("seen")
            finally:
                await connection.close()
    assert longest_gap_s(seen, narrowed_s, ended_s) < 1.4
    assert lost <= 40
    assert statistics.retransmissions <= 40
    assert statistics.keyframe_requests <= 3
    assert statistics.unasked_keyframes == 0
    assert steps[0] == VideoStep((720,), StepLimit.NOTHING)
    lowered = [step for step in steps if step.limit is StepLimit.BANDWIDTH]
    assert lowered
    assert all(height_px < 720 for step in lowered for height_px in step.heights_px)
