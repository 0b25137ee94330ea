"""Real media files with known pictures and sounds, and a way to read sources without waiting for long."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

from eyeline.processing.frame import I420Image
from eyeline.processing.sources.fitting import Box
from eyeline.processing.sources.reader import Reader

T = TypeVar("T")

BOX = Box(1280, 720, 60)
RGB = {
    "red": (200, 30, 30),
    "green": (30, 180, 40),
    "blue": (40, 50, 210),
    "white": (245, 245, 245),
    "dark": (20, 20, 20),
}
TIME_BASE = Fraction(1, 1000)


def columns(width_px: int, height_px: int) -> NDArray[np.uint8]:
    """RGB: one column of each of the colours of `RGB`."""
    picture = np.zeros((height_px, width_px, 3), np.uint8)
    edges = np.linspace(0, width_px, len(RGB) + 1).astype(int)
    for color, left, right in zip(RGB.values(), edges[:-1], edges[1:], strict=True):
        picture[:, left:right] = color
    return picture


def column_colors(image: I420Image) -> NDArray[np.int64]:
    """The median Y, U and V inside of each column, shape `(colours, 3)`."""
    found = []
    for plane in image.planes:
        middles = ((np.arange(len(RGB)) + 0.5) * plane.shape[1] / len(RGB)).astype(int)
        found.append([np.median(plane[:, middle - 1 : middle + 2]) for middle in middles])
    return np.array(found).T.astype(int)


def wanted_colors() -> NDArray[np.int64]:
    """Limited-range BT.601 of the colours of `RGB`, by the formula of the standard."""
    red, green, blue = np.array(list(RGB.values())).T / 255
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    return np.rint([16 + 219 * luma, 128 + 112 * (blue - luma) / 0.886, 128 + 112 * (red - luma) / 0.701]).T.astype(int)


def write_video(
    path: Path,
    pictures: Iterable[NDArray[np.uint8]],
    *,
    codec: str = "mpeg4",
    pixels: str = "yuv420p",
    matrix: Colorspace = Colorspace.ITU601,
    full_range: bool = False,
    tagged: bool = False,
    times_ms: Iterable[int] | None = None,
    fps: int = 25,
    pixel_shape: Fraction | None = None,
    options: dict[str, str] | None = None,
) -> Path:
    """Encode RGB pictures."""
    span = ColorRange.JPEG if full_range else ColorRange.MPEG
    with av.open(str(path), "w") as container:
        stream = None
        moments = iter(times_ms) if times_ms is not None else (round(1000 * n / fps) for n in range(1 << 30))
        for picture, at_ms in zip(pictures, moments, strict=False):
            if stream is None:
                stream = container.add_stream(codec, rate=fps, options=options or {})
                stream.height, stream.width = picture.shape[:2]
                stream.pix_fmt = pixels
                stream.codec_context.time_base = TIME_BASE if times_ms is not None else Fraction(1, fps)
                if pixel_shape:
                    stream.codec_context.sample_aspect_ratio = pixel_shape
                if tagged:
                    stream.codec_context.colorspace = {Colorspace.ITU709: 1, Colorspace.ITU601: 6}[matrix]
                    stream.codec_context.color_range = span
            frame = av.VideoFrame.from_ndarray(picture, "rgb24")
            if not pixels.startswith(("rgb", "bgr", "argb", "gbr")):
                frame = frame.reformat(format=pixels, dst_colorspace=matrix, dst_color_range=span)
            else:
                frame = frame.reformat(format=pixels)
            frame.pts = round(at_ms / 1000 / stream.codec_context.time_base)
            frame.time_base = stream.codec_context.time_base
            container.mux(stream.encode(frame))
        assert stream is not None
        container.mux(stream.encode())
    return path


def greys(count: int, size: tuple[int, int] = (160, 90)) -> list[NDArray[np.uint8]]:
    """Pictures that can be told apart by their brightness: frame n is of `grey_of(n)`."""
    return [np.full((size[1], size[0], 3), 40 + 12 * n, np.uint8) for n in range(count)]


def number_of(image: I420Image) -> int:
    """Which one of `greys` this is."""
    full = (float(np.median(image.y)) - 16) * 255 / 219
    return round((full - 40) / 12)


def write_sound(path: Path, samples: NDArray[np.int16], *, rate_hz: int = 48_000, codec: str = "pcm_s16le") -> Path:
    """Encode sound; shape `(channels, samples)`."""
    layout = {1: "mono", 2: "stereo"}[len(samples)]
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate_hz, layout=layout)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.T.reshape(1, -1)), "s16", layout)
        frame.sample_rate = rate_hz
        frame.pts = 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def take(reader: Reader[T], count: int, *, timeout_s: float = 60) -> list[T]:
    """The next items of an open reader."""
    items: list[T] = []
    end_s = time.monotonic() + timeout_s
    while len(items) < count:
        assert time.monotonic() < end_s, f"only {len(items)} of {count} items came"
        item = reader.read()
        if item is not None:
            items.append(item)
    return items


async def until_async(condition: Callable[[], bool], *, timeout_s: float = 60) -> None:
    """Wait for something that another thread or task does."""
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110  # nobody sets an event
            await asyncio.sleep(0.01)
