"""x264 by libav, where x264 itself cannot be loaded."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import av
from av import VideoFrame
from av.video.codeccontext import VideoCodecContext

from eyeline.processing.rtc.coded_picture import CodedPicture
from eyeline.processing.rtc.errors import EncoderError
from eyeline.processing.rtc.libav_pictures import PictureAlias, encode_picture
from eyeline.processing.rtc.x264_setup import FPS, PROFILE, SETTINGS, TUNE, X264Setup

_TIME_BASE: Final = Fraction(1, FPS)


class LibavX264:
    """One stream.

    Args:
        setup: Of the stream.

    Raises:
        EncoderError: libav has no x264, or it refuses.
    """

    def __init__(self, setup: X264Setup) -> None:
        self._alias = PictureAlias(setup.width_px, setup.height_px, _TIME_BASE)
        self._codec = _opened(setup)

    def set_bitrate(self, bitrate_bps: int) -> None:
        """Aim at another rate from the next picture on."""
        self._codec.bit_rate = bitrate_bps

    def encode(self, frame: VideoFrame, number: int, *, keyframe: bool) -> CodedPicture | None:
        """Encode one picture; see `Libx264Encoder.encode`.

        Raises:
            EncoderError: libav refuses.
        """
        return encode_picture(self._codec, self._alias.of(frame), number, keyframe=keyframe)

    def close(self) -> None:
        """Nothing to free by hand."""


def _opened(setup: X264Setup) -> VideoCodecContext:
    try:
        codec = VideoCodecContext.create("libx264", "w")
        codec.width, codec.height = setup.width_px, setup.height_px
        codec.pix_fmt = "yuv420p"
        codec.bit_rate = setup.highest_bps
        codec.framerate = Fraction(FPS)
        codec.time_base = _TIME_BASE
        codec.thread_count = 1
        codec.profile = PROFILE.capitalize()
        codec.options = {
            "preset": setup.preset,
            "tune": TUNE,
            "level": setup.level,
            "maxrate": str(setup.highest_bps),
            "bufsize": str(setup.buffer_bits),
            "forced-idr": "1",
            "x264-params": ":".join(f"{name}={value}" for name, value in SETTINGS.items()),
        }
        codec.open()
    except (av.FFmpegError, ValueError) as error:
        raise EncoderError(f"libav has no x264 that opens: {error}.") from None
    return codec
