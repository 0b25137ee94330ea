"""Which encoder a negotiated codec gets."""

from __future__ import annotations

from aiortc.codecs import get_encoder
from aiortc.codecs.base import Encoder
from aiortc.rtcrtpparameters import RTCRtpCodecParameters

from eyeline.processing.rtc.errors import EncoderError
from eyeline.processing.rtc.h264_encoder import open_h264
from eyeline.processing.rtc.h264_payload import h264_payloads
from eyeline.processing.rtc.live_video_encoder import LiveVideoEncoder
from eyeline.processing.rtc.opus_encoder import OpusEncoder
from eyeline.processing.rtc.vp8_encoder import open_vp8
from eyeline.processing.rtc.vp8_payload import PlainVp8Payloader


def live_encoder(codec: RTCRtpCodecParameters) -> Encoder:
    """An encoder of our own for pictures (a `LiveVideoEncoder`) and for Opus, aiortc's for everything else.

    Nothing is opened before the first picture.

    Raises:
        EncoderError: Nothing encodes this codec.
    """
    match codec.mimeType.lower():
        case "video/vp8":
            return LiveVideoEncoder(open_vp8, PlainVp8Payloader().payloads)
        case "video/h264":
            return LiveVideoEncoder(open_h264, h264_payloads)
        case "audio/opus":
            return OpusEncoder()
    try:
        return get_encoder(codec)
    except ValueError:
        raise EncoderError(f"There is no encoder for {codec.mimeType}.") from None
