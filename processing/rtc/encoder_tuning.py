"""What the encoder of one picture stream aims at: the rate that gets through, the effort that there is time for."""

from __future__ import annotations

from typing import Final

from aiortc.codecs.base import Encoder
from av import VideoFrame
from av.frame import Frame

from eyeline.processing.rtc.encode_load import EncodeLoad, LoadStep
from eyeline.processing.rtc.live_video_encoder import LiveVideoEncoder
from eyeline.processing.rtc.send_rate import SendRate

_FRACTION_UNIT: Final = 256  # RFC 3550, section 6.4.1


class EncoderTuning:
    """Gathers what receivers and the clock say, and tells the encoder before each picture."""

    def __init__(self) -> None:
        self._rate = SendRate()
        self._load = EncodeLoad()

    @property
    def load_step(self) -> LoadStep:
        """What there is time for."""
        return self._load.step

    def apply(self, encoder: Encoder, frame: Frame, now_s: float) -> None:
        """Tune an encoder of ours for the picture that comes next."""
        if not isinstance(encoder, LiveVideoEncoder) or not isinstance(frame, VideoFrame):
            return
        step = self._load.step
        encoder.effort, encoder.max_height_px = step.effort, step.max_height_px
        height_px = min(frame.height, step.max_height_px or frame.height)
        self._rate.on_size(round(frame.width * height_px / frame.height), height_px)
        encoder.target_bitrate = self._rate.target_bps(now_s)

    def encoded(self, encode_s: float, now_s: float) -> None:
        """A picture took so long."""
        self._load.encoded(encode_s, now_s)

    def estimated(self, bitrate_bps: int, now_s: float) -> None:
        """A receiver estimates what gets through (REMB)."""
        self._rate.on_remb(bitrate_bps, now_s)

    def reported(self, fraction_lost: int, now_s: float) -> None:
        """A receiver reports lost packets, in 1/256 of those since its last report."""
        self._rate.on_loss(fraction_lost / _FRACTION_UNIT, now_s)

    def rate_bps(self, now_s: float) -> int:
        """What is aimed at."""
        return self._rate.target_bps(now_s)
