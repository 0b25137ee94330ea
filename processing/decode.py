"""Every frame of a video file, in order; no pacing, nothing dropped."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from eyeline.processing.container import open_container, video_stream
from eyeline.processing.convert import to_i420
from eyeline.processing.errors import SourceError
from eyeline.processing.frame import I420Image

_GUESSED_RATE_HZ = Fraction(25)


@dataclass(frozen=True, slots=True)
class TimedFrame:
    """One frame of a file.

    Args:
        image: Upright I420.
        pts: When it is due, in units of `time_base`; always more than the frame before.
        duration: How long it is shown, in the same units.
        time_base: In seconds.
    """

    image: I420Image
    pts: int
    duration: int
    time_base: Fraction

    @property
    def at_s(self) -> float:
        """When it is due."""
        return float(self.pts * self.time_base)

    @property
    def until_s(self) -> float:
        """When it has been shown for its time."""
        return float((self.pts + self.duration) * self.time_base)


def decode_video(path: Path, *, max_pixels: int) -> Generator[TimedFrame, None, None]:
    """The frames of a file, decoded as they are asked for.

    Raises:
        SourceError: While iterating: the file cannot be opened, or not decoded any further.
    """
    with open_container(path, max_pixels=max_pixels) as container:
        for item in decode_clip(container, video_stream(container, path), path, max_pixels=max_pixels):
            if isinstance(item, TimedFrame):
                yield item


def decode_clip(
    container: InputContainer, video: VideoStream, path: Path, *, max_pixels: int, audio: AudioStream | None = None
) -> Iterator[TimedFrame | Packet[Any]]:
    """The frames of a video stream and, between them, the packets of an audio stream as they are.

    Raises:
        SourceError: A frame is too large.
        av.FFmpegError: The file cannot be decoded any further.
    """
    time_base = video.time_base or 1 / rate_of(video)
    usual = max(1, round(1 / (rate_of(video) * time_base)))
    previous: TimedFrame | None = None
    for packet in container.demux([video] if audio is None else [video, audio]):
        if packet.stream is audio:
            yield packet
            continue
        for frame in video.decode(packet):
            _check_size(frame, max_pixels, path)
            pts = _following(previous, frame.pts)
            previous = TimedFrame(to_i420(frame), pts, frame.duration or usual, time_base)
            yield previous


def rate_of(video: VideoStream) -> Fraction:
    """Frames per second, as far as the file says."""
    return video.average_rate or video.guessed_rate or _GUESSED_RATE_HZ


def _following(previous: TimedFrame | None, pts: int | None) -> int:
    if previous is None:
        return pts or 0
    if pts is None:
        return previous.pts + previous.duration
    return max(pts, previous.pts + 1)


def _check_size(frame: av.VideoFrame, max_pixels: int, path: Path) -> None:
    if frame.width < 2 or frame.height < 2 or frame.width * frame.height > max_pixels:
        raise SourceError(f"{path.name} has frames of {frame.width}x{frame.height} pixels.")
