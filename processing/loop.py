"""A video or an animated picture, round and round, as its frames are asked for.

The file is opened once and read again for each round: one that is deleted or replaced meanwhile goes on as it was. What
is damaged is passed over as long as a round holds anything that can be shown.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np

from eyeline.processing.container import container_of, video_stream
from eyeline.processing.convert import to_i420
from eyeline.processing.errors import SourceError
from eyeline.processing.frame import I420Image
from eyeline.processing.picture_file import on_grey, picture_image
from eyeline.processing.sources.clip import TimeLine, start_of
from eyeline.processing.sources.decoding import VideoDecoder
from eyeline.processing.tone import is_perceptual_quantizer, tone_mapped
from eyeline.processing.webp_animation import is_animated_webp, webp_frames

_LEAST_S = 1 / 120  # of a frame: times that stand still must not be decoded without end
_HEAD_BYTES = 30


@dataclass(frozen=True, slots=True)
class LoopedFrame:
    """A frame, not converted yet.

    Args:
        image: Makes the picture; what is transparent shows grey.
        due_s: From the beginning of the first round; always more than the frame before.
        trouble: What is wrong with the file; empty when nothing is.
    """

    image: Callable[[], I420Image]
    due_s: float
    trouble: str = ""


Frames = Generator[LoopedFrame, None, None]


def looped(path: Path, *, max_pixels: int) -> Frames:
    """The frames without end; of a file that has but one, that one.

    Raises:
        SourceError: While iterating: the file cannot be opened, or there is nothing in it that can be decoded.
    """
    try:
        with path.open("rb") as file:
            yield from _rounds(file, path, max_pixels)
    except OSError as error:
        raise SourceError(f"{path.name} cannot be read: {(error.strerror or 'unknown error').lower()}.") from error


@dataclass(slots=True)
class _Round:
    """How far one round has come."""

    count: int = 0
    until_s: float = 0.0
    left_out: int = 0


def _rounds(file: BinaryIO, path: Path, max_pixels: int) -> Frames:
    begins_s, last_due_s, trouble = 0.0, -_LEAST_S, ""
    while True:
        this = _Round()
        try:
            for frame in _once(file, path, max_pixels, this):
                due_s = max(begins_s + frame.at_s, last_due_s + _LEAST_S)
                this.count, this.until_s = this.count + 1, max(due_s + _LEAST_S, begins_s + frame.until_s)
                last_due_s = due_s
                yield LoopedFrame(frame.image, due_s, trouble)
            trouble = f"{path.name} is damaged: what cannot be decoded is left out." if this.left_out else ""
        except SourceError as error:
            if this.count == 0:
                raise
            trouble = f"{error.message.removesuffix('.')}; what comes before is repeated."
        if this.count == 0:
            raise SourceError(f"{path.name} holds no frame that can be decoded.")
        if this.count == 1:
            return
        begins_s = this.until_s


@dataclass(frozen=True, slots=True)
class _Frame:
    image: Callable[[], I420Image]
    at_s: float
    until_s: float


def _once(file: BinaryIO, path: Path, max_pixels: int, this: _Round) -> Iterator[_Frame]:
    file.seek(0)
    if is_animated_webp(file.read(_HEAD_BYTES)):
        yield from _webp(file, max_pixels)
        return
    file.seek(0)
    with container_of(file, path, max_pixels=max_pixels) as container:
        stream = video_stream(container, path)
        decoder = VideoDecoder(stream, path.name)
        line = TimeLine(stream, start_of(container))
        for packet in container.demux(stream):
            frames = decoder.decode(packet)
            this.left_out = decoder.left_out
            for frame in frames:
                at_s = line.place(frame)
                yield _Frame(_conversion(frame, stream.sample_aspect_ratio), at_s, line.end_s)


def _webp(file: BinaryIO, max_pixels: int) -> Iterator[_Frame]:
    at_s = 0.0
    for frame in webp_frames(file, max_pixels=max_pixels):
        bgra = frame.bgra
        yield _Frame(lambda bgra=bgra: picture_image(on_grey(bgra)), at_s, at_s + frame.lasts_s)  # type: ignore[misc]
        at_s += frame.lasts_s


def _conversion(frame: av.VideoFrame, pixel_shape: Fraction | None) -> Callable[[], I420Image]:
    def image() -> I420Image:
        if _has_alpha(frame):
            return picture_image(on_grey(np.asarray(frame.to_ndarray(format="bgra"), np.uint8)))
        upright = to_i420(frame)
        if is_perceptual_quantizer(frame):
            upright = tone_mapped(upright)
        return _square(upright, pixel_shape, turned=bool(frame.rotation % 180))

    return image


def _has_alpha(frame: av.VideoFrame) -> bool:
    name = frame.format.name
    return name == "pal8" or name.startswith(("ya", "yuva", "rgba", "bgra", "argb", "abgr", "gbrap"))


def _square(image: I420Image, pixel_shape: Fraction | None, *, turned: bool) -> I420Image:
    """With square pixels; what was too wide loses lines, so that nothing is enlarged."""
    if not pixel_shape or pixel_shape == 1:
        return image
    shape = float(1 / pixel_shape if turned else pixel_shape)
    width_px, height_px = image.width_px * min(1.0, shape), image.height_px * min(1.0, 1 / shape)
    return image.scaled(max(2, round(width_px / 2) * 2), max(2, round(height_px / 2) * 2))
