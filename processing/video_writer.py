"""Writing video files: H.264 for people, lossless grey for mattes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet
from av.video.reformatter import ColorRange
from av.video.stream import VideoStream

from eyeline.processing.partial_file import cannot_write, written_whole

# Nothing random and no date in the file: the same input gives the same bytes.
_CONTAINER_OPTIONS = {"fflags": "+bitexact"}

_MUXERS = {".mp4": "mp4", ".mov": "mov", ".mkv": "matroska"}
VIDEO_SUFFIXES = frozenset(_MUXERS)


@dataclass(frozen=True, slots=True)
class VideoCoding:
    """How frames are coded.

    Args:
        codec: PyAV's name.
        pixel_format: Of the frames.
        options: Of the codec.
        full_range: Whether samples use all of 0..255.
    """

    codec: Literal["libx264", "ffv1"]
    pixel_format: Literal["yuv420p", "gray"]
    options: dict[str, str]
    full_range: bool = False


PICTURE_CODING = VideoCoding("libx264", "yuv420p", {"crf": "18", "preset": "fast"})
MATTE_CODINGS = {
    ".mkv": VideoCoding("ffv1", "gray", {"level": "3", "slicecrc": "1"}, full_range=True),
    ".mp4": VideoCoding("libx264", "gray", {"qp": "0", "preset": "veryfast"}, full_range=True),
}
MATTE_CODINGS[".mov"] = MATTE_CODINGS[".mp4"]


@dataclass(frozen=True, slots=True)
class VideoShape:
    """What a written video takes over from the one it is made of.

    Args:
        width_px: Even.
        height_px: Even.
        rate_hz: Nominal frames per second.
        time_base: Unit of the frames' timestamps.
        pixel_aspect: Width of a pixel by its height.
        color_tags: Matrix, primaries and transfer as libav numbers them, or `None` for a video that says none.
    """

    width_px: int
    height_px: int
    rate_hz: Fraction
    time_base: Fraction
    pixel_aspect: Fraction = Fraction(1)
    color_tags: tuple[int, int, int] | None = None


class VideoWriter:
    """One video stream, and a copied audio stream where one is given. Made by `open_video_writer`."""

    def __init__(self, path: Path, container: OutputContainer, video: VideoStream, audio: AudioStream | None) -> None:
        self._path = path
        self._container = container
        self._video = video
        self._audio = audio

    def write(self, frame: av.VideoFrame | None) -> None:
        """Encode a frame, which carries its timestamp and time base; after `None`, the last, nothing may come.

        Raises:
            RenderError: The file cannot be written.
        """
        with _write_errors(self._path):
            self._container.mux(self._video.encode(frame))

    def copy_audio(self, packet: Packet[AudioStream]) -> None:
        """Write a packet of the audio stream as it is; without such a stream, nothing.

        Raises:
            RenderError: The file cannot be written.
        """
        if self._audio is not None and packet.dts is not None:
            packet.stream = self._audio
            with _write_errors(self._path):
                self._container.mux(packet)


@contextmanager
def open_video_writer(
    path: Path, coding: VideoCoding, shape: VideoShape, audio: AudioStream | None = None
) -> Iterator[VideoWriter]:
    """A video file to write, which appears when the block has ended well.

    Args:
        path: Its ending tells the container.
        coding: How frames are coded.
        shape: Of the video.
        audio: A stream to copy; `can_hold` must have said that it can be.

    Raises:
        RenderError: The file cannot be written.
    """
    with written_whole(path) as partial:
        with _write_errors(path):
            container = av.open(str(partial), "w", container_options=_CONTAINER_OPTIONS)
        try:
            with _write_errors(path):
                video = container.add_stream(coding.codec, rate=shape.rate_hz, options=coding.options)
                _configure(video, coding, shape)
                copied = container.add_stream_from_template(audio) if audio is not None else None
            writer = VideoWriter(path, container, video, copied)
            yield writer
            writer.write(None)
        finally:
            with _write_errors(path):
                container.close()


def can_hold(path: Path, audio: AudioStream) -> bool:
    """Whether the container that the ending of `path` stands for takes an audio stream as it is; asks the muxer."""
    try:
        with av.open(io.BytesIO(), "w", format=_MUXERS[path.suffix.lower()]) as container:
            container.add_stream_from_template(audio)
            container.start_encoding()
    except (av.FFmpegError, ValueError):
        return False
    return True


def _configure(video: VideoStream, coding: VideoCoding, shape: VideoShape) -> None:
    video.width, video.height, video.pix_fmt = shape.width_px, shape.height_px, coding.pixel_format
    context = video.codec_context
    context.time_base = shape.time_base
    context.sample_aspect_ratio = shape.pixel_aspect
    context.color_range = ColorRange.JPEG if coding.full_range else ColorRange.MPEG
    if shape.color_tags is not None:
        context.colorspace, context.color_primaries, context.color_trc = shape.color_tags


@contextmanager
def _write_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except (av.FFmpegError, OSError) as error:
        raise cannot_write(path, error) from error
