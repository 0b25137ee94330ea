"""Times per stage."""

from __future__ import annotations

import time

import pytest

from eyeline.processing.stage_times import StageClock, StageTimes


def test_a_clock_counts_stages_and_the_whole():
    clock = StageClock()
    with clock.stage("mask"):
        time.sleep(0.01)
    times = clock.times()
    assert 9 < times.mask_ms <= times.total_ms
    assert times.compose_ms == 0


def test_an_unknown_stage_is_a_mistake():
    clock = StageClock()
    with clock.stage("coffee"):
        pass
    with pytest.raises(TypeError):
        clock.times()


def test_the_first_frame_counts_whole_and_later_ones_are_smoothed():
    first = StageTimes().smoothed(StageTimes(mask_ms=10, total_ms=20))
    assert first == StageTimes(mask_ms=10, total_ms=20)
    second = first.smoothed(StageTimes(mask_ms=20, total_ms=30))
    assert second.mask_ms == pytest.approx(11)
    assert second.total_ms == pytest.approx(21)
