"""Handing pictures to libav's encoders, which want their own times and types written on the frames."""

from __future__ import annotations

from fractions import Fraction

import av
from av import VideoFormat, VideoFrame
from av.filter import Graph
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType

from eyeline.processing.rtc.coded_picture import CodedPicture
from eyeline.processing.rtc.errors import EncoderError


class PictureAlias:
    """Makes frames that share the pixels of others but nothing else.

    libav's encoders read pts and picture type from the frame, so these have to be written, and the frame is not ours:
    the type of a decoded picture would make keyframes, a written one would be seen by whoever else sends the frame. An
    empty filter graph hands out references in 5 µs where a copy takes 100.

    Args:
        width_px: Of all pictures.
        height_px: Of all pictures.
        time_base: Of the frames that are made.

    Raises:
        EncoderError: libav refuses.
    """

    def __init__(self, width_px: int, height_px: int, time_base: Fraction) -> None:
        self._time_base = time_base
        try:
            self._graph = Graph()
            picture_format = VideoFormat("yuv420p", width_px, height_px)
            source = self._graph.add_buffer(
                width=width_px, height=height_px, format=picture_format, time_base=time_base
            )
            source.link_to(self._graph.add("buffersink"))
            self._graph.configure()
        except (av.FFmpegError, ValueError) as error:
            raise EncoderError(f"Pictures of {width_px}x{height_px} cannot be handed to an encoder: {error}.") from None

    def of(self, frame: VideoFrame) -> VideoFrame:
        """A frame over the pixels of another, to be released before these change.

        Raises:
            EncoderError: libav refuses.
        """
        try:
            self._graph.push(frame)
            alias = self._graph.pull()
        except av.FFmpegError as error:
            raise EncoderError(f"A picture cannot be handed to the encoder: {error.strerror}.") from None
        if not isinstance(alias, VideoFrame):
            raise EncoderError("A picture cannot be handed to the encoder.")
        alias.time_base = self._time_base
        return alias


def encode_picture(codec: VideoCodecContext, picture: VideoFrame, pts: int, *, keyframe: bool) -> CodedPicture | None:
    """Encode a frame that is ours to write on.

    Args:
        codec: Open.
        picture: Of the codec's size and time base.
        pts: More than that of the picture before.
        keyframe: Whether it must be one.

    Raises:
        EncoderError: libav refuses.
    """
    picture.pts = pts
    picture.pict_type = PictureType.I if keyframe else PictureType.NONE
    try:
        packets = codec.encode(picture)
    except av.FFmpegError as error:
        raise EncoderError(f"{codec.name} does not encode a picture: {error.strerror}.") from None
    if not packets:
        return None
    return CodedPicture(b"".join(map(bytes, packets)), any(packet.is_keyframe for packet in packets))
