"""Packets to frames, forgiving what damage can be forgiven."""

from __future__ import annotations

import logging
from typing import Any

import av
from av.audio.stream import AudioStream
from av.packet import Packet
from av.video.stream import VideoStream

from eyeline.processing.errors import SourceError

log = logging.getLogger(__name__)

MAX_DAMAGED_IN_A_ROW = 10
MAX_PIXELS = 40_000_000
_MAX_WITHOUT_KEYFRAME = 300  # then it is tried all the same: some streams mark none


class VideoDecoder:
    """Decodes one stream. A frame that cannot be decoded is skipped, ten in a row are too many.

    Args:
        stream: What is decoded.
        what: The source, to begin a sentence with.
        from_keyframe: Whether the beginning may be in the middle of a group of pictures, which no decoder can use.
    """

    def __init__(self, stream: VideoStream, what: str, *, from_keyframe: bool = True) -> None:
        stream.codec_context.thread_count = 1  # the other cores belong to the picture and the encoder
        self._tolerance = _Tolerance(what)
        self._what = what
        self._unusable = _MAX_WITHOUT_KEYFRAME if from_keyframe else 0

    @property
    def left_out(self) -> int:
        """How many packets could not be decoded."""
        return self._tolerance.left_out

    def decode(self, packet: Packet[Any]) -> list[av.VideoFrame]:
        """The frames that are complete with this packet; the last, empty one brings the rest.

        Raises:
            SourceError: Too much is damaged, or the frames are too large.
        """
        if packet.is_keyframe:
            self._unusable = 0
        if self._unusable and packet.size:
            self._unusable -= 1
            return []
        frames = [frame for frame in self._tolerance.decode(packet) if isinstance(frame, av.VideoFrame)]
        for frame in frames:
            if frame.width < 2 or frame.height < 2 or frame.width * frame.height > MAX_PIXELS:
                raise SourceError(f"{self._what} has frames of {frame.width}x{frame.height} pixels.")
        return frames


class AudioDecoder:
    """The same for sound."""

    def __init__(self, stream: AudioStream, what: str) -> None:
        stream.codec_context.thread_count = 1
        self._tolerance = _Tolerance(what)

    def decode(self, packet: Packet[Any]) -> list[av.AudioFrame]:
        """The frames that are complete with this packet; the last, empty one brings the rest.

        Raises:
            SourceError: Too much is damaged.
        """
        return [frame for frame in self._tolerance.decode(packet) if isinstance(frame, av.AudioFrame)]


class _Tolerance:
    def __init__(self, what: str) -> None:
        self._what = what
        self._damaged = 0
        self.left_out = 0

    def decode(self, packet: Packet[Any]) -> list[Any]:
        try:
            frames = packet.decode()
        except av.FFmpegError as error:
            self._damaged += 1
            self.left_out += 1
            log.debug("%s: a frame cannot be decoded: %s", self._what, error.strerror)
            if self._damaged >= MAX_DAMAGED_IN_A_ROW:
                raise SourceError(f"{self._what}: {self._damaged} frames in a row cannot be decoded.") from None
            return []
        if frames:
            self._damaged = 0
        return list(frames)
