"""Colours are compared with those that the standard's formula gives; what lies between is a real encoder."""

from __future__ import annotations

import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.reformatter import Colorspace
from source_lab import BOX, column_colors, columns, wanted_colors, write_video

from eyeline.processing.frame import I420Image
from eyeline.processing.sources.fitting import Box, FrameFitter

TOLERANCE = 4  # of 255: rounding twice, and the quantiser of the encoder
LOSSLESS = {"crf": "0", "preset": "ultrafast"}


def first_frame(path: Path) -> av.VideoFrame:
    with av.open(str(path)) as container:
        return next(container.decode(video=0))


def off_by(image: I420Image) -> int:
    return int(np.abs(column_colors(image) - wanted_colors()).max())


@pytest.mark.parametrize(
    ("name", "codec", "pixels", "matrix", "full_range", "options"),
    [
        ("mjpeg 4:2:2", "mjpeg", "yuvj422p", Colorspace.ITU601, True, {"qscale": "2"}),
        ("mjpeg 4:2:0", "mjpeg", "yuvj420p", Colorspace.ITU601, True, {"qscale": "2"}),
        ("yuyv", "rawvideo", "yuyv422", Colorspace.ITU601, False, {}),
        ("nv12", "rawvideo", "nv12", Colorspace.ITU601, False, {}),
        ("bgr24", "rawvideo", "bgr24", Colorspace.ITU601, False, {}),
        ("mpeg4", "mpeg4", "yuv420p", Colorspace.ITU601, False, {"qscale": "1"}),
        ("h264 4:4:4", "libx264", "yuv444p", Colorspace.ITU601, False, LOSSLESS),
        ("vp9 with alpha", "libvpx-vp9", "yuva420p", Colorspace.ITU601, False, {"crf": "4", "b": "0"}),
        ("png with alpha", "png", "rgba", Colorspace.ITU601, False, {}),
        (
            "interlaced mpeg2",
            "mpeg2video",
            "yuv420p",
            Colorspace.ITU601,
            False,
            {"flags": "+ilme+ildct", "qscale": "1"},
        ),
    ],
)
@pytest.mark.parametrize("unsaid", [None, Colorspace.ITU601])
def test_untagged(
    tmp_path: Path,
    name: str,
    codec: str,
    pixels: str,
    matrix: Colorspace,
    full_range: bool,
    options: dict[str, str],
    unsaid: Colorspace | None,
) -> None:
    path = write_video(
        tmp_path / ("clip" + {"rawvideo": ".nut", "png": ".mov"}.get(codec, ".mkv")),
        [columns(320, 180)] * 2,
        codec=codec,
        pixels=pixels,
        matrix=matrix,
        full_range=full_range,
        options=options,
    )
    image = FrameFitter(BOX, unsaid=unsaid).fit(first_frame(path))
    assert image.size == (320, 180)
    assert off_by(image) <= TOLERANCE, name


@pytest.mark.parametrize("matrix", [Colorspace.ITU601, Colorspace.ITU709])
@pytest.mark.parametrize("full_range", [False, True])
@pytest.mark.parametrize("pixels", ["yuv420p", "yuv420p10le"])
def test_tagged(tmp_path: Path, matrix: Colorspace, full_range: bool, pixels: str) -> None:
    path = write_video(
        tmp_path / "clip.mp4",
        [columns(320, 180)],
        codec="libx264",
        pixels=pixels,
        matrix=matrix,
        full_range=full_range,
        tagged=True,
        options=LOSSLESS,
    )
    assert off_by(FrameFitter(BOX).fit(first_frame(path))) <= TOLERANCE
    assert off_by(FrameFitter(BOX, unsaid=Colorspace.ITU601).fit(first_frame(path))) <= TOLERANCE


def test_hd_that_does_not_say_is_bt_709_unless_it_comes_from_a_camera(tmp_path: Path) -> None:
    picture = columns(1280, 720)
    files = {
        matrix: write_video(tmp_path / f"{matrix}.nut", [picture], codec="rawvideo", pixels="nv12", matrix=matrix)
        for matrix in (Colorspace.ITU601, Colorspace.ITU709)
    }
    assert off_by(FrameFitter(BOX).fit(first_frame(files[Colorspace.ITU709]))) <= TOLERANCE
    assert off_by(FrameFitter(BOX).fit(first_frame(files[Colorspace.ITU601]))) > TOLERANCE
    camera = FrameFitter(BOX, unsaid=Colorspace.ITU601)
    assert off_by(camera.fit(first_frame(files[Colorspace.ITU601]))) <= TOLERANCE


def test_hd_jpeg_is_bt_601(tmp_path: Path) -> None:
    path = write_video(
        tmp_path / "clip.avi",
        [columns(1280, 720)],
        codec="mjpeg",
        pixels="yuvj422p",
        full_range=True,
        options={"qscale": "2"},
    )
    assert off_by(FrameFitter(BOX).fit(first_frame(path))) <= TOLERANCE


@pytest.mark.parametrize(
    ("size", "box", "fitted"),
    [
        ((640, 360), (1280, 720), (640, 360)),
        ((641, 359), (1280, 720), (640, 360)),
        ((640, 480), (320, 320), (320, 240)),
        ((90, 160), (1280, 80), (44, 80)),
        ((3, 3), (1280, 720), (4, 4)),
        ((4000, 2), (1280, 720), (1280, 2)),
    ],
)
def test_size(size: tuple[int, int], box: tuple[int, int], fitted: tuple[int, int]) -> None:
    frame = av.VideoFrame.from_ndarray(columns(*size), "rgb24")
    assert FrameFitter(Box(*box, 30)).fit(frame).size == fitted


def test_pixels_that_are_not_square(tmp_path: Path) -> None:
    path = write_video(tmp_path / "dv.mkv", [columns(720, 576)], pixel_shape=Fraction(64, 45))
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frame = next(container.decode(stream))
        assert FrameFitter(BOX).fit(frame, stream.sample_aspect_ratio).size == (720, 404)
    tall = av.VideoFrame.from_ndarray(columns(720, 480), "rgb24")
    assert FrameFitter(BOX).fit(tall, Fraction(8, 9)).size == (640, 480)
    assert FrameFitter(BOX).fit(tall, None).size == (720, 480)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_stands_upright_as_players_show_it(tmp_path: Path, degrees: int) -> None:
    if shutil.which("ffmpeg") is None:
        pytest.skip("needs the ffmpeg command to write a display matrix")
    picture = np.zeros((90, 160, 3), np.uint8)
    picture[:20, :20] = 255
    flat, turned, shown = write_video(tmp_path / "flat.mp4", [picture]), tmp_path / "turned.mp4", tmp_path / "shown.png"
    ffmpeg("-i", flat, "-c", "copy", "-metadata:s:v", f"rotate={degrees}", turned)
    ffmpeg("-i", turned, "-frames:v", "1", shown)
    if first_frame(turned).rotation == 0:
        pytest.skip("this ffmpeg writes no display matrix")

    image = FrameFitter(BOX).fit(first_frame(turned))
    wanted = first_frame(shown).to_ndarray(format="gray")
    assert image.y.shape == wanted.shape
    corners = [(0, 0), (0, -1), (-1, 0), (-1, -1)]
    assert [image.y[corner] > 128 for corner in corners] == [wanted[corner] > 128 for corner in corners]
    assert image.y[0, 0] < 128

    small = FrameFitter(Box(1280, 80, 30)).fit(first_frame(turned))
    assert small.size == ((142, 80) if degrees == 180 else (44, 80))


def ffmpeg(*arguments: object) -> None:
    subprocess.run(["ffmpeg", "-loglevel", "error", *map(str, arguments)], check=True)


def test_frames_of_changing_size_and_format() -> None:
    fitter = FrameFitter(BOX)
    for size, pixels in (((320, 180), "yuv420p"), ((640, 360), "yuv444p"), ((322, 182), "rgb24"), ((320, 180), "gray")):
        frame = av.VideoFrame.from_ndarray(columns(*size), "rgb24").reformat(format=pixels)
        assert fitter.fit(frame).size == size


def test_the_decoded_frame_is_left_as_it_is() -> None:
    frame = av.VideoFrame.from_ndarray(columns(320, 180), "rgb24")
    before = frame.to_ndarray().copy()
    FrameFitter(BOX).fit(frame)
    assert np.array_equal(frame.to_ndarray(), before)
