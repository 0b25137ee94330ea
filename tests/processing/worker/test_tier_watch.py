"""Another tier is told of once, from a thread as from a process."""

from __future__ import annotations

import time

import pytest
from worker_lab import LazySpec, effects, eventually, lab_frame

from eyeline.processing.gaze.status import Activity, GazeStatus
from eyeline.processing.picture_status import PictureStatus
from eyeline.processing.sight import Sight
from eyeline.processing.tiers import Tier, TierChange
from eyeline.processing.worker.in_process import PictureThread
from eyeline.processing.worker.maker import PictureMaker
from eyeline.processing.worker.process import PictureProcess
from eyeline.processing.worker.tier_watch import TierWatch


def makers(spec: LazySpec, told: list[TierChange]) -> dict[str, PictureMaker]:
    return {
        "thread": PictureThread(spec, on_picture=lambda _: None, on_tier=told.append),
        "process": PictureProcess(spec, max_size_px=(64, 36), on_picture=lambda _: None, on_tier=told.append),
    }


def feed_until(maker: PictureMaker, told: list[TierChange], count: int) -> None:
    def fed() -> bool:
        maker.offer(lab_frame())
        time.sleep(0.005)
        return len(told) >= count

    eventually(fed, "another tier")


@pytest.mark.parametrize("kind", ["thread", "process"])
def test_a_slow_machine_is_told_of_step_by_step(kind: str) -> None:
    told: list[TierChange] = []
    with makers(LazySpec(0.05), told)[kind] as maker:
        maker.set_effects(effects("color:#000000"))
        feed_until(maker, told, 2)
        assert [change.tier for change in told[:2]] == [Tier.CLOSE_HALF, Tier.FINDER]
        assert "ms" in told[0].why
        assert maker.status.sight is Sight.PERSON
        assert maker.status.tier is told[-1].tier


@pytest.mark.parametrize("kind", ["thread", "process"])
def test_a_tier_that_was_asked_for_is_told_of_once(kind: str) -> None:
    told: list[TierChange] = []
    with makers(LazySpec(0.0, Tier.FINDER), told)[kind] as maker:
        maker.set_effects(effects("color:#000000"))
        feed_until(maker, told, 1)
        eventually(lambda: maker.offer(lab_frame()) or maker.processed > 20, "more pictures")
    assert [change.tier for change in told] == [Tier.FINDER]


def test_the_same_tier_again_is_no_news() -> None:
    told: list[TierChange] = []
    watch = TierWatch(told.append)
    for tier in (Tier.CLOSE, Tier.FINDER, Tier.FINDER, Tier.CLOSE):
        watch.saw(PictureStatus(tier, f"because of {tier.value}"))
    assert told == [TierChange(Tier.FINDER, "because of finder"), TierChange(Tier.CLOSE, "because of close")]


def test_the_gaze_is_told_once_and_blinks_are_not() -> None:
    told: list[GazeStatus] = []
    watch = TierWatch(lambda _: None, told.append)
    for gaze in (
        GazeStatus(),
        GazeStatus(Activity.ACTIVE),
        GazeStatus(Activity.ACTIVE, "the eyes are closed"),
        GazeStatus(Activity.FADING, "you look away"),
        GazeStatus(Activity.FADING, "you look away"),
        GazeStatus(Activity.IDLE, "you look away"),
    ):
        watch.saw(PictureStatus(gaze=gaze))
    assert [str(status) for status in told] == ["active", "fading (you look away)", "idle (you look away)"]
