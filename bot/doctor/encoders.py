"""Whether what is sent can be encoded: each encoder encodes one picture or one moment of silence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

import av
import numpy as np

from eyeline.bot.doctor.diagnosis import Diagnosis, Patient, bad, ok, warn
from eyeline.config.errors import EyelineError
from eyeline.processing.frame import I420Image
from eyeline.processing.rtc.aiortc_check import SUPPORTED, check_aiortc
from eyeline.processing.rtc.coded_picture import VideoCodec
from eyeline.processing.rtc.effort import Effort
from eyeline.processing.rtc.errors import AiortcError, EncoderError
from eyeline.processing.rtc.frame_times import FrameTime
from eyeline.processing.rtc.h264_encoder import open_h264
from eyeline.processing.rtc.opus_encoder import OpusEncoder
from eyeline.processing.rtc.vp8_encoder import LibavVp8, LibvpxVp8
from eyeline.processing.rtc.vpx import load_libvpx

_SIZE_PX = 320, 180
_BITRATE_BPS = 300_000
_TICKS = 3000
_SILENCE_SAMPLES = 4800
_WHEEL = "Install PyAV from its wheel: pip install --force-reinstall av"

OpenCodec = Callable[[int, int, int, Effort], VideoCodec]


def check_encoders(_: Patient) -> Iterator[Diagnosis]:
    """VP8, H.264 and Opus, and the library that they are sent with."""
    yield _aiortc()
    yield _vp8()
    yield _h264()
    yield _opus()


def _aiortc() -> Diagnosis:
    try:
        check_aiortc()
    except AiortcError as error:
        return bad("aiortc", error.message, error.hint)
    return ok("aiortc", f"Version {SUPPORTED}, as Eyeline knows it inside.")


def _vp8() -> Diagnosis:
    try:
        version = ".".join(map(str, load_libvpx().version))
        encode_one(LibvpxVp8)
    except EncoderError as error:
        return _vp8_by_libav(error)
    return ok("vp8", f"libvpx {version} encodes.", libvpx=version)


def _vp8_by_libav(reason: EncoderError) -> Diagnosis:
    try:
        encode_one(LibavVp8)
    except EncoderError as error:
        return bad("vp8", f"{reason.message} libav cannot either: {error.message}", _WHEEL)
    return warn("vp8", f"{reason.message} libav does it, but every change of rate costs a keyframe.", _WHEEL)


def _h264() -> Diagnosis:
    try:
        encode_one(open_h264)
    except EncoderError as error:
        return warn("h264", f"x264 cannot be used: {error.message} Only VP8 is sent.", _WHEEL)
    return ok("h264", "x264 encodes.")


def _opus() -> Diagnosis:
    silence = av.AudioFrame.from_ndarray(np.zeros((1, _SILENCE_SAMPLES), np.int16), format="s16", layout="mono")
    silence.sample_rate, silence.pts, silence.time_base = 48_000, 0, Fraction(1, 48_000)
    try:
        packets, _ = OpusEncoder().encode(silence)
    except EyelineError as error:
        return bad("opus", error.message, _WHEEL)
    if not packets:
        return bad("opus", "libopus gives nothing.", _WHEEL)
    return ok("opus", "libopus encodes.")


def encode_one(open_codec: OpenCodec) -> None:
    """Have a codec encode one picture.

    Raises:
        EncoderError: It cannot.
    """
    codec = open_codec(*_SIZE_PX, _BITRATE_BPS, Effort.FULL)
    try:
        picture = I420Image.filled(*_SIZE_PX, (90, 128, 128)).to_video_frame()
        coded = codec.encode(picture, FrameTime(0, _TICKS), keyframe=True)
    finally:
        codec.close()
    if coded is None or not coded.is_keyframe:
        raise EncoderError("It gives no keyframe.")
