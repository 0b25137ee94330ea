"""One video file through the picture, every frame of it."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from fractions import Fraction

import av
import cv2
import numpy as np
from av.audio.stream import AudioStream
from av.packet import Packet
from av.video.stream import VideoStream

from eyeline.processing.container import open_container, video_stream
from eyeline.processing.cover import cover
from eyeline.processing.cutting import crop_box
from eyeline.processing.decode import TimedFrame, decode_clip, decode_video, rate_of
from eyeline.processing.errors import SourceError
from eyeline.processing.frame import CapturedFrame, Plane
from eyeline.processing.framing_spec import WHOLE_PICTURE, Framing
from eyeline.processing.picture import Picture
from eyeline.processing.render_job import MAX_PIXELS, RenderJob, RenderReport, ReportFrames
from eyeline.processing.video_writer import (
    MATTE_CODINGS,
    PICTURE_CODING,
    VideoShape,
    VideoWriter,
    can_hold,
    open_video_writer,
)

_AVCOL_SPC_UNSPECIFIED = 2
_AVCOL_SPC_SMPTE170M = 6


def render_video(picture: Picture, job: RenderJob, on_progress: ReportFrames) -> RenderReport:
    """Render a video; timestamps and sound stay.

    Raises:
        SourceError: The source cannot be read.
        RenderError: An output cannot be written.
        ModelError: No mask could be had.
    """
    with open_container(job.source, max_pixels=MAX_PIXELS) as container, ExitStack() as outputs:
        video = video_stream(container, job.source)
        sound = container.streams.best("audio")
        audio = sound if isinstance(sound, AudioStream) and can_hold(job.target, sound) else None
        first = _first_frame(job)
        framing = picture.effects.framing if picture.effects else WHOLE_PICTURE
        shape = _shape(video, first, framing)
        output = outputs.enter_context(open_video_writer(job.target, PICTURE_CODING, shape, audio))
        matte = _matte_writer(job, shape, outputs)
        done = 0
        for item in decode_clip(container, video, job.source, max_pixels=MAX_PIXELS, audio=audio):
            if isinstance(item, Packet):
                output.copy_audio(item)
                continue
            # a file may change its size; an output may not
            frame = replace(item, image=cover(item.image, first.image.size))
            _render_frame(picture, frame, shape, output, matte)
            done += 1
            on_progress(done, _expected_frames(video))
        return RenderReport(done, _notices(video, sound is not None and audio is None, job))


def _first_frame(job: RenderJob) -> TimedFrame:
    """Only a decoded frame tells its size with the rotation applied."""
    for frame in decode_video(job.source, max_pixels=MAX_PIXELS):
        return frame
    raise SourceError(f"{job.source.name} holds no frame.")


def _shape(video: VideoStream, first: TimedFrame, framing: Framing) -> VideoShape:
    context = video.codec_context
    width_px, height_px = first.image.size
    pixel_aspect = context.sample_aspect_ratio or Fraction(1)
    sideways = (context.width > context.height) != (width_px > height_px)
    if framing.crop is not None:
        box = crop_box(framing.crop, width_px, height_px)
        width_px, height_px = box.right_px - box.left_px, box.bottom_px - box.top_px
    tagged = context.colorspace != _AVCOL_SPC_UNSPECIFIED
    return VideoShape(
        width_px,
        height_px,
        rate_hz=rate_of(video),
        time_base=first.time_base,
        pixel_aspect=1 / pixel_aspect if sideways else pixel_aspect,
        color_tags=(_AVCOL_SPC_SMPTE170M, context.color_primaries, context.color_trc) if tagged else None,
    )


def _matte_writer(job: RenderJob, shape: VideoShape, outputs: ExitStack) -> VideoWriter | None:
    if job.matte is None:
        return None
    coding = MATTE_CODINGS[job.matte.suffix.lower()]
    return outputs.enter_context(open_video_writer(job.matte, coding, shape))


def _render_frame(
    picture: Picture, frame: TimedFrame, shape: VideoShape, output: VideoWriter, matte_output: VideoWriter | None
) -> None:
    captured = CapturedFrame(frame.image, frame.at_s)
    size_px = shape.width_px, shape.height_px
    if matte_output is None:
        processed = picture.process(captured)
    else:
        processed, matte = picture.process_with_matte(captured)
        plane = _enlarged(matte.plane, size_px)
        matte_output.write(_stamped(av.VideoFrame.from_ndarray(plane, format="gray"), frame))
    output.write(_stamped(cover(processed.image, size_px).to_video_frame(), frame))


def _enlarged(plane: Plane, size_px: tuple[int, int]) -> Plane:
    """As `cover` does with a picture of the same shape."""
    if plane.shape == size_px[::-1]:
        return plane
    return np.asarray(cv2.resize(plane, size_px, interpolation=cv2.INTER_LINEAR), np.uint8)


def _stamped(frame: av.VideoFrame, like: TimedFrame) -> av.VideoFrame:
    frame.pts, frame.duration, frame.time_base = like.pts, like.duration, like.time_base
    return frame


def _expected_frames(video: VideoStream) -> int | None:
    if video.frames:
        return video.frames
    if video.duration and video.time_base:
        return round(video.duration * video.time_base * rate_of(video))
    return None


def _notices(video: VideoStream, sound_dropped: bool, job: RenderJob) -> tuple[str, ...]:
    width_px, height_px = video.codec_context.width, video.codec_context.height
    notices = []
    if width_px % 2 or height_px % 2:
        notices.append(f"H.264 needs even sides: {width_px}x{height_px} was cut to {width_px & ~1}x{height_px & ~1}.")
    if sound_dropped:
        notices.append(f"The sound was left out: {job.target.suffix} cannot hold it as it is. Try .mkv.")
    return tuple(notices)
