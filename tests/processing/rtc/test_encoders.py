from __future__ import annotations

import pytest
from aiortc.codecs.g722 import G722Encoder
from aiortc.rtcrtpparameters import RTCRtpCodecParameters

from eyeline.processing.rtc.encoders import live_encoder
from eyeline.processing.rtc.errors import EncoderError
from eyeline.processing.rtc.live_video_encoder import LiveVideoEncoder
from eyeline.processing.rtc.opus_encoder import OpusEncoder


def codec(mime_type: str, rate_hz: int = 90_000, channels: int | None = None) -> RTCRtpCodecParameters:
    return RTCRtpCodecParameters(mimeType=mime_type, clockRate=rate_hz, channels=channels, payloadType=100)


@pytest.mark.parametrize("mime_type", ["video/VP8", "video/vp8", "video/H264"])
def test_pictures_get_an_encoder_of_ours(mime_type: str) -> None:
    assert isinstance(live_encoder(codec(mime_type)), LiveVideoEncoder)


def test_so_does_opus_and_other_sound_gets_aiortcs() -> None:
    assert isinstance(live_encoder(codec("audio/opus", 48_000, 2)), OpusEncoder)
    assert isinstance(live_encoder(codec("audio/G722", 8000, 1)), G722Encoder)


def test_what_nobody_encodes_is_told() -> None:
    with pytest.raises(EncoderError, match="video/AV1"):
        live_encoder(codec("video/AV1"))
