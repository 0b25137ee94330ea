"""VP8 for live pictures: libvpx where it can be loaded, else libav's way to it."""

from __future__ import annotations

import logging
from fractions import Fraction
from typing import Final

import av
from av import VideoFrame
from av.video.codeccontext import VideoCodecContext

from eyeline.processing.rtc.coded_picture import CodedPicture, VideoCodec
from eyeline.processing.rtc.effort import Effort
from eyeline.processing.rtc.errors import EncoderError
from eyeline.processing.rtc.frame_times import FrameTime
from eyeline.processing.rtc.libav_pictures import PictureAlias, encode_picture
from eyeline.processing.rtc.plane_pointers import PlanePointers
from eyeline.processing.rtc.vpx import TICKS_HZ, LibvpxEncoder, load_libvpx

log = logging.getLogger(__name__)

CPU_USED: Final = {Effort.FULL: -8, Effort.MEDIUM: -10, Effort.LOW: -12, Effort.LEAST: -14}
_TIME_BASE: Final = Fraction(1, TICKS_HZ)
_CLEARLY_LOWER: Final = 0.75
_CLEARLY_HIGHER: Final = 1.1
_RAISE_TICKS: Final = 5 * TICKS_HZ


def open_vp8(
    width_px: int, height_px: int, bitrate_bps: int, effort: Effort, *, skips_still: bool = True
) -> VideoCodec:
    """The best VP8 encoder of this machine.

    Args:
        width_px: Of all its pictures.
        height_px: Of all its pictures.
        bitrate_bps: To begin with.
        effort: To begin with.
        skips_still: Whether blocks that stand still need not be encoded.

    Raises:
        EncoderError: There is none.
    """
    try:
        load_libvpx()
    except EncoderError as error:
        log.warning("%s Changes of rate will cost keyframes.", error)
        return LibavVp8(width_px, height_px, bitrate_bps, effort)
    return LibvpxVp8(width_px, height_px, bitrate_bps, effort, skips_still=skips_still)


class LibvpxVp8:
    """libvpx itself: reads pictures where they lie and changes its rate in place.

    Raises:
        EncoderError: libvpx refuses.
    """

    def __init__(
        self, width_px: int, height_px: int, bitrate_bps: int, effort: Effort, *, skips_still: bool = True
    ) -> None:
        self._encoder = LibvpxEncoder(width_px, height_px, bitrate_bps, CPU_USED[effort], skips_still=skips_still)
        self._bitrate_bps = bitrate_bps
        self._effort = effort

    def encode(self, frame: VideoFrame, time: FrameTime, *, keyframe: bool) -> CodedPicture | None:
        """Encode a picture.

        Raises:
            EncoderError: libvpx refuses.
        """
        planes = frame.planes
        pointers = PlanePointers([plane.buffer_ptr for plane in planes], [plane.line_size for plane in planes])
        coded = self._encoder.encode(pointers, time.begin, time.duration, keyframe=keyframe)
        return None if coded is None else CodedPicture(*coded)

    def aim(self, bitrate_bps: int, effort: Effort) -> None:
        """Take another rate and effort, at no cost.

        Raises:
            EncoderError: libvpx refuses.
        """
        if bitrate_bps != self._bitrate_bps:
            self._encoder.set_bitrate(bitrate_bps)
            self._bitrate_bps = bitrate_bps
        if effort != self._effort:
            self._encoder.set_cpu_used(CPU_USED[effort])
            self._effort = effort

    def close(self) -> None:
        """Free the encoder."""
        self._encoder.close()


class LibavVp8:
    """libav's VP8 encoder, which takes a rate only when it is opened, and every opening makes a keyframe.

    So a clearly lower rate is taken at once, since what does not fit through is lost, and a higher one every five
    seconds at most.

    Raises:
        EncoderError: libav has no such encoder, or it refuses.
    """

    def __init__(self, width_px: int, height_px: int, bitrate_bps: int, effort: Effort) -> None:
        self._size_px = (width_px, height_px)
        self._alias = PictureAlias(width_px, height_px, _TIME_BASE)
        self._bitrate_bps = self._wanted_bps = bitrate_bps
        self._effort = effort
        self._opened_at: int | None = None
        self._codec = self._opened()

    def encode(self, frame: VideoFrame, time: FrameTime, *, keyframe: bool) -> CodedPicture | None:
        """Encode a picture.

        Raises:
            EncoderError: libav refuses.
        """
        if self._opened_at is None:
            self._opened_at = time.begin
        elif self._should_reopen(time.begin):
            self._bitrate_bps, self._opened_at = self._wanted_bps, time.begin
            self._codec = self._opened()
        return encode_picture(self._codec, self._alias.of(frame), time.begin, keyframe=keyframe)

    def aim(self, bitrate_bps: int, effort: Effort) -> None:
        """Wish for another rate; the effort waits for the next opening."""
        self._wanted_bps = bitrate_bps
        self._effort = effort

    def close(self) -> None:
        """Nothing to free by hand."""

    def _should_reopen(self, now_ticks: int) -> bool:
        ratio = self._wanted_bps / self._bitrate_bps
        if ratio <= _CLEARLY_LOWER:
            return True
        return ratio >= _CLEARLY_HIGHER and now_ticks - (self._opened_at or 0) >= _RAISE_TICKS

    def _opened(self) -> VideoCodecContext:
        try:
            codec = VideoCodecContext.create("libvpx", "w")
            codec.width, codec.height = self._size_px
            codec.pix_fmt = "yuv420p"
            codec.bit_rate = self._bitrate_bps
            codec.time_base = _TIME_BASE
            codec.gop_size = 1_000_000
            codec.qmin, codec.qmax = 2, 56
            codec.thread_count = 1
            rate = str(self._bitrate_bps)
            codec.options = {
                "minrate": rate,
                "maxrate": rate,
                "bufsize": rate,
                "cpu-used": str(CPU_USED[self._effort]),
                "deadline": "realtime",
                "lag-in-frames": "0",
                "noise-sensitivity": "0",
                "overshoot-pct": "15",
                "static-thresh": "1",
                "undershoot-pct": "100",
            }
            codec.open()
        except (av.FFmpegError, ValueError) as error:
            raise EncoderError(f"libav has no VP8 encoder that opens: {error}.") from None
        return codec
