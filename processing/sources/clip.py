"""The frames of a video file, round and round without a gap."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from eyeline.processing.container import open_container, video_stream
from eyeline.processing.decode import rate_of
from eyeline.processing.errors import SourceError
from eyeline.processing.sources.decoding import MAX_PIXELS, VideoDecoder

_MAX_TAIL_S = 1.0


@dataclass(frozen=True, slots=True)
class StoredFrame:
    """One frame of something stored.

    Args:
        frame: As decoded.
        at_s: When it is due on the medium's time line, which never goes back.
        pixel_shape: Width of a pixel by its height, when it is known.
    """

    frame: av.VideoFrame
    at_s: float
    pixel_shape: Fraction | None


class TimeLine:
    """Makes times that never go back out of timestamps that may be missing or wrong.

    Args:
        stream: Whose frames they are.
        start_s: The timestamp of the beginning.
    """

    def __init__(self, stream: VideoStream, start_s: float = 0.0) -> None:
        self._usual_s = float(1 / rate_of(stream))
        self._start_s = start_s
        self.end_s = 0.0
        self._at_s = 0.0

    def place(self, frame: av.VideoFrame) -> float:
        """When this frame is due, after those before."""
        at_s: float | None = frame.time  # the stubs promise a number
        at_s = self.end_s if at_s is None else at_s - self._start_s
        self._at_s = max(at_s, self._at_s)
        lasts_s = float(frame.duration * (frame.time_base or 0)) or self._usual_s
        self.end_s = self._at_s + lasts_s
        return self._at_s


def looped_frames(path: Path, what: str) -> Generator[StoredFrame, None, None]:
    """All frames, again and again on one time line. Ends after the first round if that has but one frame.

    The file is opened anew for each round, so it may be replaced meanwhile.

    Raises:
        SourceError: While iterating: the file cannot be opened or holds no picture.
    """
    begin_s = 0.0
    while True:
        count = 0
        with open_container(path, max_pixels=MAX_PIXELS) as container:
            stream = video_stream(container, path)
            decoder = VideoDecoder(stream, what)
            line = TimeLine(stream, start_of(container))
            for packet in container.demux(stream):
                for frame in decoder.decode(packet):
                    count += 1
                    yield StoredFrame(frame, begin_s + line.place(frame), stream.sample_aspect_ratio)
            begin_s += round_length_s(container, line.end_s)
        if count == 0:
            raise SourceError(f"{what} has no frame that can be decoded.")
        if count == 1:
            return


def start_of(container: InputContainer) -> float:
    """The timestamp of a container's beginning, the same for its picture and its sound."""
    start: int | None = container.start_time  # the stubs promise a number
    return 0.0 if start is None else start / av.time_base


def round_length_s(container: InputContainer, end_s: float) -> float:
    """How long one round takes: all of the file, so that its picture and its sound stay together.

    A file that was cut off says more than it has.
    """
    said_s = (container.duration or 0) / av.time_base
    return said_s if end_s < said_s <= end_s + _MAX_TAIL_S else end_s
