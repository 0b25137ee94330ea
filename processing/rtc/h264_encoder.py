"""H.264 for live pictures, as constrained baseline with headers in every keyframe.

By x264 itself where it can be loaded, else by libav's way to it, which writes the same bits.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Final, Protocol

from av import VideoFrame

from eyeline.processing.rtc.coded_picture import CodedPicture
from eyeline.processing.rtc.effort import Effort
from eyeline.processing.rtc.errors import EncoderError
from eyeline.processing.rtc.frame_times import FrameTime
from eyeline.processing.rtc.libav_x264 import LibavX264
from eyeline.processing.rtc.send_rate import rate_limits
from eyeline.processing.rtc.x264 import Libx264Encoder, load_libx264
from eyeline.processing.rtc.x264_setup import FPS, X264Setup

log = logging.getLogger(__name__)

_TICKS_HZ: Final = 90_000
_SLOWEST_FPS: Final = 15
_NOMINAL_TICKS: Final = _TICKS_HZ // FPS
_BUFFER_S: Final = 1 / 4
_RATE_CHANGE: Final = 0.02
PRESET: Final = {
    Effort.FULL: "superfast",
    Effort.MEDIUM: "superfast",
    Effort.LOW: "ultrafast",
    Effort.LEAST: "ultrafast",
}
_PRESET_TICKS: Final = 10 * _TICKS_HZ


class X264Stream(Protocol):
    """An x264 that is open. Every method raises `EncoderError` when it cannot be done."""

    def set_bitrate(self, bitrate_bps: int) -> None:
        """Aim at another rate from the next picture on."""
        ...

    def encode(self, frame: VideoFrame, number: int, *, keyframe: bool) -> CodedPicture | None:
        """Encode one picture, whose number is larger than at the call before."""
        ...

    def close(self) -> None:
        """Free it; may be called again."""
        ...


OpenX264 = Callable[[X264Setup], X264Stream]


def open_h264(width_px: int, height_px: int, bitrate_bps: int, effort: Effort, *, skips_still: bool = True) -> LiveH264:
    """The best H.264 encoder of this machine.

    Args:
        width_px: Of all its pictures.
        height_px: Of all its pictures.
        bitrate_bps: To begin with.
        effort: To begin with.
        skips_still: Whether blocks that stand still need not be looked at.

    Raises:
        EncoderError: There is none.
    """
    try:
        load_libx264()
    except EncoderError as error:
        log.debug("%s libav's way to it is taken.", error)
        return LiveH264(width_px, height_px, bitrate_bps, effort, LibavX264)
    return LiveH264(width_px, height_px, bitrate_bps, effort, partial(Libx264Encoder, skips_still=skips_still))


class LiveH264:
    """x264 at a constant rate that can be assigned.

    As x264 takes all frames to be 1/30 s apart, what it is assigned is the rate at which frames that come as they do
    have the right size.

    Args:
        width_px: Of all its pictures.
        height_px: Of all its pictures.
        bitrate_bps: To begin with.
        effort: To begin with.
        open_stream: Opens x264.

    Raises:
        EncoderError: x264 does not open.
    """

    def __init__(self, width_px: int, height_px: int, bitrate_bps: int, effort: Effort, open_stream: OpenX264) -> None:
        self._size_px = (width_px, height_px)
        self._open_stream = open_stream
        most_bps = rate_limits(width_px, height_px).most_bps
        self._highest_bps = most_bps * FPS // _SLOWEST_FPS
        self._buffer_bits = round(most_bps * _BUFFER_S)
        self._bitrate_bps = bitrate_bps
        self._preset = self._wanted_preset = PRESET[effort]
        self._opened_at: int | None = None
        self._frames = 0
        self._assigned_bps = 0
        self._stream = self._opened()

    def encode(self, frame: VideoFrame, time: FrameTime, *, keyframe: bool) -> CodedPicture | None:
        """Encode a picture. Another preset means opening anew, so a keyframe: at a keyframe, or every ten seconds.

        Raises:
            EncoderError: x264 refuses.
        """
        if self._opened_at is None:
            self._opened_at = time.begin
        if self._preset != self._wanted_preset and (keyframe or time.begin - self._opened_at >= _PRESET_TICKS):
            self._preset, self._opened_at = self._wanted_preset, time.begin
            self._stream.close()
            self._stream = self._opened()
        self._assign_rate(time.duration)
        self._frames += 1
        return self._stream.encode(frame, self._frames, keyframe=keyframe)

    def aim(self, bitrate_bps: int, effort: Effort) -> None:
        """Take another rate, at no cost; another preset when that may be."""
        self._bitrate_bps = bitrate_bps
        self._wanted_preset = PRESET[effort]

    def close(self) -> None:
        """Free the encoder; may be called again."""
        self._stream.close()

    def _assign_rate(self, duration_ticks: int) -> None:
        nominal_bps = min(self._highest_bps, self._bitrate_bps * duration_ticks // _NOMINAL_TICKS)
        if abs(nominal_bps - self._assigned_bps) > _RATE_CHANGE * self._assigned_bps:
            self._assigned_bps = nominal_bps
            self._stream.set_bitrate(nominal_bps)

    def _opened(self) -> X264Stream:
        self._assigned_bps = self._highest_bps
        return self._open_stream(X264Setup(*self._size_px, self._preset, self._highest_bps, self._buffer_bits))
