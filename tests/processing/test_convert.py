"""Whatever was decoded becomes limited-range BT.601 I420, upright."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace
from picture_lab import turn_clip, write_clip

from eyeline.processing.convert import to_i420
from eyeline.processing.frame import I420Image

RGB = (200, 60, 30)


def plain_frame(width_px: int = 64, height_px: int = 48) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(np.full((height_px, width_px, 3), RGB, np.uint8), format="rgb24")


def expected() -> list[int]:
    image = I420Image.from_bgr(np.full((2, 2, 3), RGB[::-1], np.uint8))
    return [int(plane[0, 0]) for plane in image.planes]


@pytest.mark.parametrize("pixel_format", ["rgb24", "bgra", "yuv420p", "nv12", "yuv422p", "yuv444p10le", "gbrp"])
@pytest.mark.parametrize("matrix", [Colorspace.ITU601, Colorspace.ITU709, Colorspace.BT2020])
@pytest.mark.parametrize("value_range", [ColorRange.MPEG, ColorRange.JPEG])
def test_colours_survive_every_matrix_range_and_format(pixel_format: str, matrix: int, value_range: int):
    rgb = pixel_format in ("rgb24", "bgra", "gbrp")
    frame = (
        plain_frame().reformat(format=pixel_format)
        if rgb
        else plain_frame().reformat(format=pixel_format, dst_colorspace=matrix, dst_color_range=value_range)
    )
    image = to_i420(frame)
    for plane, value in zip(image.planes, expected(), strict=True):
        assert np.abs(plane.astype(int) - value).max() <= 4


def test_full_range_that_only_the_format_tells():
    frame = plain_frame().reformat(format="yuvj420p", dst_color_range=ColorRange.JPEG)
    frame.color_range = ColorRange.UNSPECIFIED
    image = to_i420(frame)
    for plane, value in zip(image.planes, expected(), strict=True):
        assert np.abs(plane.astype(int) - value).max() <= 3


def test_what_says_nothing_is_copied():
    random = np.random.default_rng(0)
    given = I420Image(64, 48, random.integers(0, 256, 64 * 48 * 3 // 2, np.uint8))
    assert np.array_equal(to_i420(given.to_video_frame()).data, given.data)


def test_odd_sides_lose_their_last_line():
    frame = av.VideoFrame(65, 49, "yuv420p")
    for plane in frame.planes:
        plane.update(bytes(np.arange(plane.buffer_size, dtype=np.uint32).astype(np.uint8)))
    image = to_i420(frame)
    assert image.size == (64, 48)
    line_size = frame.planes[1].line_size
    assert image.u[3, 5] == (3 * line_size + 5) % 256


@pytest.mark.parametrize(("degrees", "corner"), [(90, (0, -1)), (180, (-1, -1)), (270, (-1, 0))])
def test_a_turned_clip_comes_upright(tmp_path: Path, degrees: int, corner: tuple[int, int]):
    image = I420Image.filled(64, 32, (60, 128, 128))
    image.y[:8, :8] = 220  # the top left corner, as stored
    path = write_clip(tmp_path / "c.mp4", [image])
    turn_clip(path, degrees)
    with av.open(str(path)) as container:
        upright = to_i420(next(container.decode(video=0)))
    assert upright.size == ((64, 32) if degrees == 180 else (32, 64))
    assert upright.y[corner] > 200
    assert (upright.y > 200).sum() == 64
