"""What a sender's encoder is told."""

from __future__ import annotations

from aiortc.codecs import get_encoder
from aiortc.rtp import RtcpReceiverInfo
from counted_pictures import picture
from rtp_lab import VP8

from eyeline.processing.rtc.effort import Effort
from eyeline.processing.rtc.encoder_tuning import EncoderTuning
from eyeline.processing.rtc.encoders import live_encoder
from eyeline.processing.rtc.live_video_encoder import LiveVideoEncoder


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
