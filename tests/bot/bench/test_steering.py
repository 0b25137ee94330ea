"""The measurement of steering, small: that its figures are there and belong together, not how good they are."""

from __future__ import annotations

import pytest
from jitsi_lab.addresses import local_media_address
from picture_lab import load_mask
from prosody_process import has_prosody

from eyeline.bot.bench.errors import BenchUsageError
from eyeline.bot.bench.prosody import Prosody
from eyeline.bot.bench.steering import SteeringPlan, measure_steering


async def test_commands_reach_the_pixels_in_a_quiet_and_in_a_flooded_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eyeline.bot.bench.steering._PATIENCE_S", 60.0)
    load_mask().close()
    if not has_prosody():
        pytest.skip("needs Prosody (apt install prosody)")
    if local_media_address() is None:
        pytest.skip("needs a network address besides loopback: ICE offers none of 127.0.0.0/8")
    told: list[str] = []
    plan = SteeringPlan(3.0, (320, 180), lines_per_s=100, streams=5, warm_up_s=0.5)
    result = await measure_steering(plan, told.append)
    assert len(told) == 3
    assert result["event_streams"] == 5
    assert result["event_stream_mb"] > 0
    assert 0 < result["chat_lines_per_s"] < 150
    assert result["memory_mb_per_hour"] is None, "too short to tell"
    for part in (result, result["quiet"]):
        assert part["commands"] >= 2
        assert part["commands_without_effect"] == 0
        for way in ("chat", "rest"):
            found = part["command_to_pixels_ms"][way]
            assert 0 < found["p50"] <= found["p95"]
        assert part["fps"] > 0
        assert {"bot", "picture worker", "viewer", "prosody", "measuring"} <= set(part["cpu_cores"])
    assert {"flood", "listeners"} <= set(result["cpu_cores"])


async def test_without_prosody_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(BenchUsageError, match="Prosody"):
        async with Prosody():
            pass
