"""What a sender's encoder is told."""

from __future__ import annotations

from aiortc.codecs import get_encoder
from aiortc.rtp import RtcpReceiverInfo
from counted_pictures import picture
from moving_clip import frame
from rtp_lab import VP8

from eyeline.processing.rtc.effort import Effort
from eyeline.processing.rtc.encode_load import LoadStep
from eyeline.processing.rtc.encoder_tuning import EncoderTuning
from eyeline.processing.rtc.encoders import live_encoder
from eyeline.processing.rtc.live_video_encoder import LiveVideoEncoder
from eyeline.processing.rtc.video_step import StepLimit, VideoStep


def encoder() -> LiveVideoEncoder:
    made = live_encoder(VP8)
    assert isinstance(made, LiveVideoEncoder)
    return made


def test_an_estimate_is_followed_down_at_once() -> None:
    tuning, tuned, frame = EncoderTuning(), encoder(), picture(0)
    tuning.apply(tuned, frame, 0.0)
    before_bps = tuned.target_bitrate
    tuning.estimated(before_bps // 2, 0.1)
    tuning.apply(tuned, frame, 0.1)
    assert before_bps * 0.4 < tuned.target_bitrate <= before_bps // 2


def test_heavy_loss_lowers_the_rate_though_nobody_estimates() -> None:
    tuning, tuned, frame = EncoderTuning(), encoder(), picture(0)
    tuning.apply(tuned, frame, 0.0)
    before_bps = tuning.rate_bps(0.0)
    tuning.reported(RtcpReceiverInfo(1, 64, 0, 0, 0, 0, 0), None, 0.1)
    assert tuning.rate_bps(0.1) < before_bps


def test_what_queues_up_drains_and_then_the_rate_comes_back() -> None:
    tuning, tuned, shown = EncoderTuning(), encoder(), picture(0, 1280, 720)
    for number in range(60):
        tuning.sent(1_200_000 // 240, number / 30)
    tuning.estimated(1_300_000, 2.0)
    tuning.apply(tuned, shown, 2.0)
    assert tuning.rate_bps(2.0) == 1_200_000
    assert not tuning.congested(2.0)
    tuning.estimated(900_000, 2.0)
    tuning.apply(tuned, shown, 2.0)
    assert tuning.congested(2.0)
    assert tuning.rate_bps(2.0) < 500_000
    assert tuned.max_height_px == 720, "the size goes by what gets through, not by what drains"
    tuning.apply(tuned, shown, 2.5)
    assert not tuning.congested(2.5)
    assert 700_000 < tuning.rate_bps(2.5) < 900_000


def test_slow_encoding_costs_effort() -> None:
    tuning, tuned = EncoderTuning(), encoder()
    for number in range(100):
        tuning.encoded(0.032, number / 30)
    tuning.apply(tuned, picture(0), 4.0)
    assert tuned.effort < Effort.FULL


def test_an_encoder_of_another_make_is_left_alone() -> None:
    plain = get_encoder(VP8)
    before_bps = plain.target_bitrate  # type: ignore[attr-defined]
    EncoderTuning().apply(plain, picture(0), 0.0)
    assert plain.target_bitrate == before_bps  # type: ignore[attr-defined]


def test_the_size_follows_the_rate_down_at_once_and_the_step_is_told() -> None:
    tuning, tuned, frame = EncoderTuning(), encoder(), picture(0, 1280, 720)
    steps: list[VideoStep] = []
    tuning.on_step = steps.append
    tuning.apply(tuned, frame, 0.0)
    tuning.estimated(250_000, 0.1)
    tuning.apply(tuned, frame, 0.1)
    assert tuned.max_height_px == 360
    assert tuned.target_bitrate <= 250_000
    assert steps == [VideoStep((720,), StepLimit.NOTHING), VideoStep((360,), StepLimit.BANDWIDTH)]


def test_at_a_low_rate_no_picture_is_left_out() -> None:
    """720 lines at 250 kbit/s leave out one picture in three; the ladder's size leaves out none."""
    tuning, tuned = EncoderTuning(), encoder()
    made = 0
    for number in range(90):
        shown = frame(number)
        tuning.estimated(250_000, number / 30)
        tuning.apply(tuned, shown, number / 30)
        made += bool(tuned.encode(shown)[0])
    assert made >= 88


def test_taller_pictures_that_are_wanted_again_come_at_once() -> None:
    """Estimates are bound to what was sent: those of small pictures say nothing about tall ones."""
    tuning, tuned, shown = EncoderTuning(), encoder(), picture(0, 1280, 720)
    tuning.wanted(180)
    tuning.apply(tuned, shown, 0.0)
    assert tuned.max_height_px == 180
    for number in range(20):
        tuning.estimated(200_000, number / 2)
        tuning.apply(tuned, shown, number / 2)
    tuning.wanted(720)
    tuning.apply(tuned, shown, 10.0)
    assert tuned.max_height_px == 720
    assert tuning.rate_bps(10.0) == 1_200_000


def test_nothing_is_wanted() -> None:
    tuning = EncoderTuning()
    steps: list[VideoStep] = []
    tuning.on_step = steps.append
    assert not tuning.pauses
    tuning.wanted(0)
    assert tuning.pauses
    assert steps == [VideoStep((), StepLimit.WANTED)]


def test_the_strictest_limit_is_named() -> None:
    tuning, tuned, shown = EncoderTuning(), encoder(), picture(0, 1280, 720)
    tuning.hold_load(LoadStep(Effort.LEAST, 540))
    tuning.wanted(360)
    steps: list[VideoStep] = []
    tuning.on_step = steps.append
    tuning.apply(tuned, shown, 0.0)
    tuning.wanted(None)
    tuning.apply(tuned, shown, 0.1)
    assert steps == [VideoStep((360,), StepLimit.WANTED), VideoStep((540,), StepLimit.CPU)]
