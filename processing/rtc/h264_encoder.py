"""H.264 for live pictures by x264, as constrained baseline with headers in every keyframe."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import av
from av import VideoFrame
from av.video.codeccontext import VideoCodecContext

from eyeline.processing.rtc.coded_picture import CodedPicture
from eyeline.processing.rtc.effort import Effort
from eyeline.processing.rtc.errors import EncoderError
from eyeline.processing.rtc.frame_times import FrameTime
from eyeline.processing.rtc.libav_pictures import PictureAlias, encode_picture
from eyeline.processing.rtc.send_rate import rate_limits

_TICKS_HZ: Final = 90_000
_NOMINAL_FPS: Final = 30
_SLOWEST_FPS: Final = 15
_TIME_BASE: Final = Fraction(1, _NOMINAL_FPS)
_NOMINAL_TICKS: Final = _TICKS_HZ // _NOMINAL_FPS
_BUFFER_S: Final = 1 / 4
_RATE_CHANGE: Final = 0.02
PRESET: Final = {
    Effort.FULL: "superfast",
    Effort.MEDIUM: "superfast",
    Effort.LOW: "ultrafast",
    Effort.LEAST: "ultrafast",
}
_PRESET_TICKS: Final = 10 * _TICKS_HZ
_LEVEL_3_1_MACROBLOCKS: Final = 3600
_X264: Final = ":".join(
    (
        "threads=1",
        "sliced-threads=0",
        "keyint=infinite",
        "scenecut=0",
        "aq-mode=0",
        "repeat-headers=1",
        "bframes=0",
    )
)


class LibavH264:
    """libav's x264 at a constant rate that can be assigned.

    x264 follows a rate that is assigned later only when it was opened with maximum and target alike, and never above
    that. So it is opened with the highest rate there can be. It also takes all frames to be 1/30 s apart: told of other
    times it would hold one frame back. What it is assigned is therefore the rate at which frames that come as they do
    have the right size.

    Raises:
        EncoderError: libav has no x264, or it refuses.
    """

    def __init__(self, width_px: int, height_px: int, bitrate_bps: int, effort: Effort) -> None:
        self._size_px = (width_px, height_px)
        most_bps = rate_limits(width_px, height_px).most_bps
        self._highest_bps = most_bps * _NOMINAL_FPS // _SLOWEST_FPS
        self._buffer_bits = round(most_bps * _BUFFER_S)
        self._alias = PictureAlias(width_px, height_px, _TIME_BASE)
        self._bitrate_bps = bitrate_bps
        self._preset = self._wanted_preset = PRESET[effort]
        self._opened_at: int | None = None
        self._frames = 0
        self._assigned_bps = 0
        self._codec = self._opened()

    def encode(self, frame: VideoFrame, time: FrameTime, *, keyframe: bool) -> CodedPicture | None:
        """Encode a picture. Another preset means opening anew, so a keyframe: at a keyframe, or every ten seconds.

        Raises:
            EncoderError: libav refuses.
        """
        if self._opened_at is None:
            self._opened_at = time.begin
        if self._preset != self._wanted_preset and (keyframe or time.begin - self._opened_at >= _PRESET_TICKS):
            self._preset, self._opened_at = self._wanted_preset, time.begin
            self._codec = self._opened()
        self._assign_rate(time.duration)
        self._frames += 1
        return encode_picture(self._codec, self._alias.of(frame), self._frames, keyframe=keyframe)

    def aim(self, bitrate_bps: int, effort: Effort) -> None:
        """Take another rate, at no cost; another preset when that may be."""
        self._bitrate_bps = bitrate_bps
        self._wanted_preset = PRESET[effort]

    def close(self) -> None:
        """Nothing to free by hand."""

    def _assign_rate(self, duration_ticks: int) -> None:
        nominal_bps = min(self._highest_bps, self._bitrate_bps * duration_ticks // _NOMINAL_TICKS)
        if abs(nominal_bps - self._assigned_bps) > _RATE_CHANGE * self._assigned_bps:
            self._codec.bit_rate = self._assigned_bps = nominal_bps

    def _opened(self) -> VideoCodecContext:
        width_px, height_px = self._size_px
        macroblocks = -(-width_px // 16) * -(-height_px // 16)
        try:
            codec = VideoCodecContext.create("libx264", "w")
            codec.width, codec.height = self._size_px
            codec.pix_fmt = "yuv420p"
            codec.bit_rate = self._assigned_bps = self._highest_bps
            codec.framerate = Fraction(_NOMINAL_FPS)
            codec.time_base = _TIME_BASE
            codec.thread_count = 1
            codec.profile = "Baseline"
            codec.options = {
                "preset": self._preset,
                "tune": "zerolatency",
                "level": "3.1" if macroblocks <= _LEVEL_3_1_MACROBLOCKS else "4.0",
                "maxrate": str(self._highest_bps),
                "bufsize": str(self._buffer_bits),
                "forced-idr": "1",
                "x264-params": _X264,
            }
            codec.open()
        except (av.FFmpegError, ValueError) as error:
            raise EncoderError(f"libav has no x264 that opens: {error}.") from None
        return codec
