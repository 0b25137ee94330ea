"""What the encoder of one picture stream aims at: the rate that gets through, the effort that there is time for."""

from __future__ import annotations

from typing import Final

from aiortc.codecs.base import Encoder
from aiortc.rtp import RtcpReceiverInfo
from av import VideoFrame
from av.frame import Frame

from eyeline.processing.rtc.encode_load import EncodeLoad, LoadStep
from eyeline.processing.rtc.live_video_encoder import LiveVideoEncoder
from eyeline.processing.rtc.overuse import Overuse
from eyeline.processing.rtc.recent_minimum import RecentMinimum
from eyeline.processing.rtc.send_rate import SendRate
from eyeline.processing.rtc.size_ladder import SizeLadder
from eyeline.processing.rtc.video_step import OnStep, StepLimit, VideoStep

_FRACTION_UNIT: Final = 256  # RFC 3550, section 6.4.1
_BASE_TRIP_WINDOW_S: Final = 60.0


class EncoderTuning:
    """Gathers what receivers and the clock say, and tells the encoder before each picture.

    Attributes:
        on_step: Told when the size that is sent changes.
    """

    def __init__(self) -> None:
        self.on_step: OnStep = lambda _: None
        self._rate = SendRate()
        self._path = SendRate()  # as if the picture were sent in full, to judge how much of it can be
        self._overuse = Overuse()
        self._base_trip_s = RecentMinimum(_BASE_TRIP_WINDOW_S)
        self._load = EncodeLoad()
        self._ladder = SizeLadder()
        self._held: LoadStep | None = None
        self._wanted_px: int | None = None
        self._step: VideoStep | None = None

    @property
    def load_step(self) -> LoadStep:
        """What there is time for."""
        return self._held or self._load.step

    @property
    def pauses(self) -> bool:
        """Whether nothing is to be sent."""
        return self._wanted_px == 0

    def wanted(self, max_height_px: int | None) -> None:
        """Somebody has use for pictures so tall; 0 for none, `None` for any.

        Estimates are bound to what was sent, so those of the smaller pictures before say nothing about taller ones.
        """
        before_px, self._wanted_px = self._wanted_px, max_height_px
        if before_px is not None and (max_height_px is None or max_height_px > before_px):
            self._rate.restart()
            self._path.restart()
            self._ladder = SizeLadder()
        if max_height_px == 0:
            self._tell(VideoStep((), StepLimit.WANTED))

    def apply(self, encoder: Encoder, frame: Frame, now_s: float) -> None:
        """Tune an encoder of ours for the picture that comes next."""
        if not isinstance(encoder, LiveVideoEncoder) or not isinstance(frame, VideoFrame):
            return
        load = self.load_step
        self._path.on_size(frame.width, frame.height)
        path_bps = self._path.target_bps(now_s)
        limits_px = {
            StepLimit.WANTED: self._wanted_px or frame.height,
            StepLimit.CPU: load.max_height_px or frame.height,
            StepLimit.BANDWIDTH: self._ladder.height_px(frame.width, frame.height, path_bps, now_s),
        }
        limit = min(limits_px, key=lambda each: limits_px[each])
        height_px = limits_px[limit]
        self._tell(VideoStep((min(height_px, frame.height),), limit if height_px < frame.height else StepLimit.NOTHING))
        encoder.effort, encoder.max_height_px = load.effort, height_px
        self._rate.on_size(round(frame.width * min(1, height_px / frame.height)), min(frame.height, height_px))
        encoder.target_bitrate = self.rate_bps(now_s)

    def hold_load(self, step: LoadStep) -> None:
        """Encode with this, however long it takes."""
        self._held = step

    def encoded(self, encode_s: float, now_s: float) -> None:
        """A picture took so long."""
        self._load.encoded(encode_s, now_s)

    def estimated(self, bitrate_bps: int, now_s: float) -> None:
        """A receiver estimates what gets through (REMB)."""
        overused = self._overuse.on_estimate(bitrate_bps, now_s)
        self._rate.on_remb(bitrate_bps, now_s, overused=overused)
        self._path.on_remb(bitrate_bps, now_s)

    def reported(self, report: RtcpReceiverInfo, round_trip_s: float | None, now_s: float) -> None:
        """A receiver reports lost packets, in 1/256 of those since its last report."""
        if round_trip_s is not None:
            self._base_trip_s.add(round_trip_s, now_s)
            self._overuse.on_round_trip(round_trip_s, self._base_trip_s.value or round_trip_s, now_s)
        for rate in (self._rate, self._path):
            rate.on_loss(report.fraction_lost / _FRACTION_UNIT, now_s)

    def sent(self, size_bytes: int, now_s: float) -> None:
        """So much left, repetitions included."""
        self._overuse.sent(size_bytes, now_s)

    def congested(self, now_s: float) -> bool:
        """Whether packets queue up on the way."""
        return self._overuse.lasts(now_s)

    def rate_bps(self, now_s: float) -> int:
        """What is aimed at."""
        return self._rate.drained_bps(now_s) if self.congested(now_s) else self._rate.target_bps(now_s)

    def _tell(self, step: VideoStep) -> None:
        if step != self._step:
            self._step = step
            self.on_step(step)
