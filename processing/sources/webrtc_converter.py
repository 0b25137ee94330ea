"""From the frames of a WebRTC sender to what every source delivers."""

from __future__ import annotations

import time

import av
from av.video.reformatter import Colorspace

from eyeline.processing.convert import to_i420
from eyeline.processing.errors import SourceError
from eyeline.processing.frame import CapturedFrame, I420Image, fit_within
from eyeline.processing.sound import SAMPLE_RATE_HZ
from eyeline.processing.sources.blocks import AudioBlock, MonoSound
from eyeline.processing.sources.decoding import MAX_PIXELS
from eyeline.processing.sources.fitting import Box, FrameFitter
from eyeline.processing.sources.pace import FrameRateLimit

_GAP_S = 0.05


class PictureConverter:
    """Makes pictures of the frames of whoever sends; their size may change with any frame.

    Args:
        box: Pictures are made to fit in it.
    """

    def __init__(self, box: Box) -> None:
        self._box = box
        self._fitter = FrameFitter(box, unsaid=Colorspace.ITU601)
        self._limit = FrameRateLimit(box.fps)

    def convert(self, frame: av.VideoFrame) -> CapturedFrame | None:
        """The picture; `None` where they come faster than is wanted.

        Args:
            frame: Its `time` is when it was captured, on the monotonic clock.

        Raises:
            SourceError: It cannot be converted.
        """
        captured_at_s = _captured_at_s(frame)
        if not self._limit.admits(captured_at_s):
            return None
        return CapturedFrame(self._image(frame), captured_at_s)

    def skip(self) -> None:
        """A frame was passed over; the next one needs nothing of it."""

    def _image(self, frame: av.VideoFrame) -> I420Image:
        if frame.width < 2 or frame.height < 2 or frame.width * frame.height > MAX_PIXELS:
            raise SourceError(f"The browser sends pictures of {frame.width}x{frame.height} pixels.")
        fitted = fit_within(frame.width, frame.height, self._box.width_px, self._box.height_px)
        try:
            if fitted == (frame.width // 2 * 2, frame.height // 2 * 2):
                return to_i420(frame)
            return self._fitter.fit(frame)
        except (ValueError, av.FFmpegError) as error:
            raise SourceError(f"A picture of the browser cannot be converted: {error}.") from error


class SoundConverter:
    """Makes mono of the sound of whoever sends, as it comes."""

    def __init__(self) -> None:
        self._mono = MonoSound()
        self._heard_until_s = 0.0

    def convert(self, frame: av.AudioFrame) -> AudioBlock:
        """The sound, as long as it is.

        Args:
            frame: Its `time` is when its first sample was captured, on the monotonic clock.

        Raises:
            SourceError: It cannot be converted.
        """
        begin_s = _captured_at_s(frame)
        if abs(begin_s - self._heard_until_s) > _GAP_S:
            self._mono = MonoSound()
        self._heard_until_s = begin_s + frame.samples / frame.sample_rate
        try:
            samples = self._mono.add(frame)
        except (ValueError, av.FFmpegError) as error:
            raise SourceError(f"The sound of the browser cannot be converted: {error}.") from error
        return AudioBlock(samples, self._heard_until_s - len(samples) / SAMPLE_RATE_HZ)

    def skip(self) -> None:
        """A frame was passed over: what is said now must not be sent later."""
        self._mono = MonoSound()


def _captured_at_s(frame: av.VideoFrame | av.AudioFrame) -> float:
    """When a frame was captured: never in the future, whatever the sender's clock says."""
    now_s = time.monotonic()
    time_s: float | None = frame.time
    return now_s if time_s is None else min(time_s, now_s)
