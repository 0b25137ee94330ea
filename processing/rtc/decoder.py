"""Decoding in a thread: bounded, so that a slow machine loses pictures and not time."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, cast

import av
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType

logger = logging.getLogger(__name__)

MAX_WAITING: Final = 24
MAX_WAIT_S: Final = 0.25
_TIME_BASE: Final = Fraction(1, 90_000)
_CODECS: Final = {"VP8": "vp8", "H264": "h264"}


@dataclass(frozen=True, slots=True)
class _Waiting:
    codec: RTCRtpCodecParameters
    data: bytes
    pts: int
    submitted_at_s: float
    due_s: float


class VideoDecoder:
    """Decodes pictures one after the other in a thread of its own.

    When it falls behind, everything that waits is left out up to the next keyframe. An error of the codec does the
    same: what follows would be built on a broken picture.

    Args:
        deliver: Takes each decoded frame; called in the thread.
        failed: Told that a keyframe is needed; called in the thread.
    """

    def __init__(self, deliver: Callable[[av.VideoFrame], None], failed: Callable[[], None]) -> None:
        self.decoded = 0
        self.errors = 0
        self.overruns = 0
        self._deliver = deliver
        self._failed = failed
        self._waiting: deque[_Waiting] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._needs_keyframe = True
        self._codec: VideoCodecContext | None = None
        self._codec_name = ""
        self._thread = threading.Thread(target=self._run, name="video-decoder", daemon=True)
        self._thread.start()

    def submit(
        self, codec: RTCRtpCodecParameters, data: bytes, pts: int, *, is_keyframe: bool, wait_s: float = 0.0
    ) -> bool:
        """Have a picture decoded.

        Args:
            codec: VP8 or H264.
            data: The whole picture; H264 as a byte stream (annex B).
            pts: For the frame, in 1/90000 s.
            is_keyframe: Whether it needs no other picture.
            wait_s: How long from now it is to be kept, decoded, so that pictures come evenly.

        Returns:
            Whether it was taken. If not, nothing is until a keyframe comes.
        """
        now_s = time.monotonic()
        with self._changed:
            behind = len(self._waiting) >= MAX_WAITING
            behind = behind or bool(self._waiting and now_s - self._waiting[0].submitted_at_s > MAX_WAIT_S)
            if behind:
                self._waiting.clear()
                self._needs_keyframe = True
                self.overruns += 1
            if self._needs_keyframe and not is_keyframe:
                return False
            self._needs_keyframe = False
            self._waiting.append(_Waiting(codec, data, pts, now_s, now_s + wait_s))
            self._changed.notify()
        return True

    def close(self) -> None:
        """End the thread after the picture that it is at; nothing is waited for."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            self._changed.notify()

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread's end. False if it did not end in time."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (picture := self._next()) is not None:
            try:
                self._decode(picture)
            except Exception as error:
                expected = isinstance(error, av.FFmpegError)
                logger.log(logging.DEBUG if expected else logging.ERROR, "cannot decode a picture", exc_info=True)
                self._give_up()

    def _next(self) -> _Waiting | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            return None if self._closed else self._waiting.popleft()

    def _keep_until(self, due_s: float) -> None:
        with self._changed:
            while not self._closed and (left_s := due_s - time.monotonic()) > 0:
                self._changed.wait(left_s)

    def _decode(self, picture: _Waiting) -> None:
        name = picture.codec.name
        if self._codec is None or name != self._codec_name:
            self._codec, self._codec_name = _open(name), name
        packet = av.Packet(picture.data)
        packet.pts, packet.time_base = picture.pts, _TIME_BASE
        for frame in self._codec.decode(packet):
            # an encoder that is given this frame would make the same kind of picture of it
            frame.pict_type = PictureType.NONE
            self._keep_until(picture.due_s)
            self._deliver(frame)
            self.decoded += 1

    def _give_up(self) -> None:
        with self._changed:
            self.errors += 1
            self._waiting.clear()
            self._needs_keyframe = True
            if self._closed:
                return
        self._failed()


def _open(name: str) -> VideoCodecContext:
    codec = cast("VideoCodecContext", av.CodecContext.create(_CODECS[name.upper()], "r"))
    codec.thread_count = 1  # pictures come one by one, and two threads would wait for each other busily
    codec.flags |= av.codec.context.Flags.low_delay
    return codec
