"""An encoder as aiortc knows them, made for live pictures: one stream whose rate, effort and size change as it goes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Final

import av
from aiortc.codecs.base import Encoder
from aiortc.mediastreams import VIDEO_TIME_BASE, convert_timebase
from av import VideoFrame
from av.frame import Frame
from av.packet import Packet

from eyeline.processing.rtc.coded_picture import VideoCodec
from eyeline.processing.rtc.effort import Effort
from eyeline.processing.rtc.errors import EncoderError
from eyeline.processing.rtc.frame_times import FrameTimes
from eyeline.processing.rtc.send_rate import rate_limits

_LARGEST_PX: Final = 4096
# libav aborts the whole process for some of the others
_YUV: Final = {"yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p", "nv12", "nv21", "yuyv422", "uyvy422", "gray"}
_DEEP_YUV: Final = {"yuv420p10le", "p010le"}
_RGB: Final = {"rgb24", "bgr24", "rgba", "bgra", "argb", "abgr", "rgb0", "bgr0", "0rgb", "0bgr", "gbrp"}
_CONVERTED: Final = frozenset({"yuv420p"} | _YUV | _DEEP_YUV | _RGB)
_TICKS_HZ: Final = 90_000

OpenCodec = Callable[[int, int, int, Effort], VideoCodec]
Cut = Callable[[bytes], list[bytes]]


class LiveVideoEncoder(Encoder):
    """Encodes pictures of any even size; one of another size than the last begins anew with a keyframe.

    `target_bitrate`, `effort` and `max_height_px` may be set from any thread and count from the next picture on. No
    keyframe is made but the first of a size, those that are asked for, and what the codec's own documentation names.

    Args:
        open_codec: Opens a codec by width, height, bit/s and effort.
        cut: Cuts a picture that is encoded into payloads of RTP packets.
    """

    def __init__(self, open_codec: OpenCodec, cut: Cut) -> None:
        self.effort = Effort.FULL
        self.max_height_px: int | None = None
        self.last_is_keyframe = self.last_begins_size = False
        self.keyframes = 0
        self._open_codec = open_codec
        self._cut = cut
        self._target_bps: int | None = None
        self._times = FrameTimes(_TICKS_HZ)
        self._codec: VideoCodec | None = None
        self._size_px = (0, 0)
        self._busy = threading.Lock()
        self._closed = False

    @property
    def target_bitrate(self) -> int:
        """What is aimed at, in bit/s; held within what the picture's size is worth."""
        limits = rate_limits(*self._size_px)
        wanted_bps = self._target_bps or limits.start_bps
        return min(limits.most_bps, max(limits.least_bps, wanted_bps))

    @target_bitrate.setter
    def target_bitrate(self, bitrate_bps: int) -> None:
        self._target_bps = bitrate_bps

    def encode(self, frame: Frame, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        """Encode a picture into payloads of RTP packets.

        Args:
            frame: A `VideoFrame` in 8-bit YUV or RGB, best in `yuv420p`, with a time. It is not changed.
            force_keyframe: Whether it has to be a keyframe.

        Returns:
            The payloads, none where rate control left the picture out, and its timestamp at 90 kHz.

        Raises:
            EncoderError: It cannot be encoded, or the encoder is closed.
        """
        pts, time_base = frame.pts, frame.time_base
        if not isinstance(frame, VideoFrame) or pts is None or time_base is None:
            raise EncoderError("Only pictures that have a time can be encoded.")
        timestamp = convert_timebase(pts, time_base, VIDEO_TIME_BASE)
        at_s = pts * time_base.numerator / time_base.denominator
        with self._busy:
            try:
                picture = self._encode(self._fitting(frame), at_s, keyframe=force_keyframe)
            except EncoderError:
                self._drop_codec()
                raise
        if self._closed:
            self._free()
        return [] if picture is None else self._cut(picture), timestamp

    def pack(self, packet: Packet[Any]) -> tuple[list[bytes], int]:
        """Cut a picture that is encoded already into payloads.

        Raises:
            EncoderError: It has no time.
        """
        pts, time_base = packet.pts, packet.time_base
        if pts is None or time_base is None:
            raise EncoderError("A picture that has no time cannot be sent.")
        return self._cut(bytes(packet)), convert_timebase(pts, time_base, VIDEO_TIME_BASE)

    def close(self) -> None:
        """Free the codec, after the picture that is being encoded. May be called from any thread, and again."""
        self._closed = True
        self._free()

    def _encode(self, picture: VideoFrame, at_s: float, *, keyframe: bool) -> bytes | None:
        self.last_is_keyframe = self.last_begins_size = False
        codec = self._codec_for(picture.width, picture.height)
        codec.aim(self.target_bitrate, self.effort)
        coded = codec.encode(picture, self._times.next(at_s), keyframe=keyframe)
        if coded is None:
            return None
        self.last_is_keyframe = coded.is_keyframe
        self.keyframes += coded.is_keyframe
        return coded.data

    def _codec_for(self, width_px: int, height_px: int) -> VideoCodec:
        if self._closed:
            raise EncoderError("The encoder is closed.")
        if self._codec is None or self._size_px != (width_px, height_px):
            self._drop_codec()
            self._size_px = (width_px, height_px)
            self._times = FrameTimes(_TICKS_HZ)
            self._codec = self._open_codec(width_px, height_px, self.target_bitrate, self.effort)
            self.last_begins_size = True
        return self._codec

    def _fitting(self, frame: VideoFrame) -> VideoFrame:
        """The picture in I420 and no taller than allowed."""
        most_px = self.max_height_px
        if not most_px or frame.height <= most_px:
            return as_i420(frame)
        return as_i420(frame, (max(2, round(frame.width * most_px / frame.height / 2) * 2), most_px // 2 * 2))

    def _drop_codec(self) -> None:
        codec, self._codec = self._codec, None
        if codec is not None:
            codec.close()

    def _free(self) -> None:
        if self._busy.acquire(blocking=False):
            try:
                self._drop_codec()
            finally:
                self._busy.release()


def as_i420(frame: VideoFrame, size_px: tuple[int, int] | None = None) -> VideoFrame:
    """A picture as codecs take it; itself where it is that already.

    Args:
        frame: In 8-bit YUV or RGB.
        size_px: Even; its own where none is given.

    Raises:
        EncoderError: It has an odd side, too large a one, or an unknown format.
    """
    width_px, height_px = frame.width, frame.height
    if not (2 <= width_px <= _LARGEST_PX and 2 <= height_px <= _LARGEST_PX) or width_px % 2 or height_px % 2:
        raise EncoderError(
            f"A picture of {width_px}x{height_px} cannot be encoded.",
            hint=f"Both sides have to be even, and between 2 and {_LARGEST_PX} pixels.",
        )
    size_px = size_px or (width_px, height_px)
    if frame.format.name == "yuv420p" and size_px == (width_px, height_px):
        return frame
    if frame.format.name not in _CONVERTED:
        raise EncoderError(
            f"Pictures in {frame.format.name} cannot be encoded.", hint="Convert them to yuv420p before."
        )
    try:
        return frame.reformat(*size_px, format="yuv420p")
    except (av.FFmpegError, ValueError) as error:
        raise EncoderError(f"A picture in {frame.format.name} cannot be encoded: {error}.") from None
