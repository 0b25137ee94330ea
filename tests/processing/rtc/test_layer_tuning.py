"""Which layers are sent."""

from __future__ import annotations

from aiortc.rtp import RtcpReceiverInfo

from eyeline.processing.rtc.effort import Effort
from eyeline.processing.rtc.layer_tuning import LayerTuning
from eyeline.processing.rtc.simulcast_encoder import LayerPlan
from eyeline.processing.rtc.video_step import StepLimit, VideoStep

ALL = (180, 360, 720)


class Tuned:
    """A tuning that plans thirty pictures a second."""

    def __init__(self) -> None:
        self.tuning = LayerTuning()
        self.steps: list[VideoStep] = []
        self.tuning.on_step = self.steps.append
        self.now_s = 0.0

    def plan(self, seconds: float = 0.0, *, encode_s: float = 0.01) -> LayerPlan:
        for _ in range(round(seconds * 30)):
            self.now_s += 1 / 30
            self.tuning.plan(1280, 720, self.now_s)
            self.tuning.encoded(encode_s, self.now_s)
        self.now_s += 1 / 30
        return self.tuning.plan(1280, 720, self.now_s)

    def congest(self, remb_bps: int) -> None:
        for highest in (1000, 1100, 1200):
            report = RtcpReceiverInfo(7, 30, (highest - 1000) // 10, highest, 0, 0, 0)
            self.tuning.reported(report, None, self.now_s)
        self.tuning.estimated(remb_bps, self.now_s)


def heights(plan: LayerPlan) -> tuple[int, ...]:
    return tuple(height_px for _, height_px in plan.sizes)


def test_all_layers_unless_told_otherwise() -> None:
    tuned = Tuned()
    assert heights(tuned.plan()) == ALL
    assert tuned.steps == [VideoStep(ALL, StepLimit.NOTHING)]
    assert tuned.plan(10).rates_bps == (200_000, 500_000, 1_500_000)
    assert len(tuned.steps) == 1


def test_layers_follow_what_somebody_looks_at() -> None:
    tuned = Tuned()
    for wanted_px, expected in ((180, (180,)), (360, (180, 360)), (719, (180, 360)), (100, (180,)), (None, ALL)):
        tuned.tuning.wanted(wanted_px)
        plan = tuned.plan()
        assert heights(plan) == expected
        assert not plan.keys_rest
        assert not plan.begins
        assert tuned.steps[-1] == VideoStep(expected, StepLimit.WANTED if expected != ALL else StepLimit.NOTHING)


def test_nothing_for_nobody_and_everything_anew_after_that() -> None:
    tuned = Tuned()
    tuned.plan()
    tuned.tuning.wanted(0)
    assert tuned.plan().sizes == ()
    assert tuned.steps[-1] == VideoStep((), StepLimit.WANTED)
    tuned.tuning.wanted(720)
    assert tuned.plan().begins
    assert not tuned.plan().begins


def test_a_pause_that_no_picture_fell_into_is_a_pause() -> None:
    tuned = Tuned()
    tuned.plan()
    tuned.tuning.wanted(0)
    tuned.tuning.wanted(360)
    assert tuned.plan().begins


def test_a_layer_that_does_not_fit_through_keys_the_rest() -> None:
    tuned = Tuned()
    tuned.plan(10)
    tuned.congest(900_000)
    plan = tuned.plan()
    assert heights(plan) == (180, 360)
    assert plan.keys_rest
    assert sum(plan.rates_bps) <= 900_000
    assert tuned.steps[-1] == VideoStep((180, 360), StepLimit.BANDWIDTH)
    assert not tuned.plan().keys_rest


def test_an_estimate_that_sinks_below_what_is_sent_needs_no_other_sign() -> None:
    tuned = Tuned()
    tuned.plan(10)
    for number in range(30):
        tuned.tuning.sent(2_000_000 // 240, tuned.now_s - 1 + (number + 1) / 30)
    tuned.tuning.estimated(2_500_000, tuned.now_s)
    assert heights(tuned.plan()) == ALL
    assert not tuned.tuning.congested(tuned.now_s)
    tuned.tuning.estimated(900_000, tuned.now_s)
    plan = tuned.plan()
    assert tuned.tuning.congested(tuned.now_s)
    assert heights(plan) == (180, 360)
    assert sum(plan.rates_bps) <= 0.7 * 900_000
    assert plan.keys_rest


def test_what_a_bridge_says_when_little_is_sent_keeps_no_layer_away() -> None:
    """Nobody looks at more than the lowest for a while; the estimate sinks below even that."""
    tuned = Tuned()
    tuned.plan(10)
    tuned.tuning.wanted(180)
    for bps in (466_000, 181_000, 173_000, 141_000):
        for _ in range(15):
            tuned.plan()
            tuned.tuning.sent(200_000 // 240, tuned.now_s)
        tuned.tuning.estimated(bps, tuned.now_s)
    assert not tuned.tuning.congested(tuned.now_s)
    tuned.tuning.wanted(None)
    assert heights(tuned.plan()) == ALL


def test_with_little_room_only_the_lowest_is_sent() -> None:
    tuned = Tuned()
    tuned.plan(10)
    tuned.congest(250_000)
    assert heights(tuned.plan()) == (180,)


def test_slow_encoding_costs_effort_first_and_then_the_top_layer() -> None:
    tuned = Tuned()
    tuned.plan(1)
    plan = tuned.plan(30, encode_s=0.05)
    assert 720 not in heights(plan)
    assert plan.effort is Effort.LEAST
    assert tuned.steps[-1].limit is StepLimit.CPU


def test_a_layer_that_there_is_no_time_for_keys_the_rest() -> None:
    tuned = Tuned()
    keyed = []
    for _ in range(900):
        plan = tuned.plan(encode_s=0.05)
        tuned.tuning.encoded(0.05, tuned.now_s)
        if plan.keys_rest:
            keyed.append(heights(plan))
    assert keyed[0] == (180, 360)


def test_a_smaller_picture_keys_the_rest_as_its_top_layer_is_gone() -> None:
    tuned = Tuned()
    tuned.plan()
    plan = tuned.tuning.plan(640, 360, 1.0)
    assert heights(plan) == (180, 360)
    assert plan.keys_rest
