"""Decoded frames of every kind that a sender may bring."""

from __future__ import annotations

import time
from fractions import Fraction

import numpy as np
import pytest
from av import AudioFrame, VideoFrame
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray
from source_lab import column_colors, columns, wanted_colors

from eyeline.processing.errors import SourceError
from eyeline.processing.frame import CapturedFrame
from eyeline.processing.sources.fitting import Box
from eyeline.processing.sources.webrtc_converter import PictureConverter, SoundConverter

MS = Fraction(1, 1000)


def read_one(frame: VideoFrame) -> CapturedFrame:
    captured = PictureConverter(Box(1280, 720, 60)).convert(frame)
    assert captured is not None
    return captured


def shown(rgb: NDArray[np.uint8], form: str, span: ColorRange = ColorRange.MPEG) -> VideoFrame:
    frame = VideoFrame.from_ndarray(rgb, "rgb24")
    return frame.reformat(format=form, dst_colorspace=Colorspace.ITU601, dst_color_range=span)


@pytest.mark.parametrize(
    ("form", "span"),
    [
        ("yuv420p", ColorRange.MPEG),
        ("yuvj420p", ColorRange.JPEG),
        ("nv12", ColorRange.MPEG),
        ("yuv444p", ColorRange.MPEG),
    ],
)
@pytest.mark.parametrize("size", [(320, 180), (1600, 900)], ids=["as it is", "to be scaled"])
async def test_every_format_keeps_its_colors(form: str, span: ColorRange, size: tuple[int, int]) -> None:
    image = read_one(shown(columns(*size), form, span)).image
    assert image.size == (min(size[0], 1280), min(size[1], 720))
    assert np.abs(column_colors(image) - wanted_colors()).max() <= 3


async def test_odd_sizes_lose_their_last_row_and_column() -> None:
    assert read_one(VideoFrame(321, 181, "yuv420p")).image.size == (320, 180)


@pytest.mark.parametrize("size", [(1, 180), (9000, 9000)])
async def test_sizes_that_are_none_are_told(size: tuple[int, int]) -> None:
    with pytest.raises(SourceError, match=f"{size[0]}x{size[1]}"):
        read_one(VideoFrame(*size, "yuv420p"))


async def test_the_capture_time_is_the_senders_but_never_in_the_future() -> None:
    now_s = time.monotonic()
    frame = VideoFrame(16, 16)
    frame.time_base, frame.pts = MS, round((now_s - 0.2) * 1000)
    assert read_one(frame).captured_at_s == pytest.approx(now_s - 0.2, abs=0.002)
    frame.pts = round((now_s + 60) * 1000)
    assert now_s <= read_one(frame).captured_at_s <= time.monotonic()
    assert now_s <= read_one(VideoFrame(16, 16)).captured_at_s <= time.monotonic()


async def test_frames_beyond_the_wanted_rate_are_left_out() -> None:
    converter = PictureConverter(Box(1280, 720, 15))
    begin_ms = round(time.monotonic() * 1000) - 2000
    taken = 0
    for number in range(30):
        frame = VideoFrame(16, 16)
        frame.time_base, frame.pts = MS, begin_ms + number * 1000 // 30
        taken += converter.convert(frame) is not None
    assert taken == 15


def sound(at_s: float, level: int = 1000, rate_hz: int = 48_000) -> AudioFrame:
    frame = AudioFrame.from_ndarray(np.full((1, 2 * rate_hz // 50), level, np.int16), "s16", "stereo")
    frame.sample_rate, frame.time_base, frame.pts = rate_hz, Fraction(1, rate_hz), round(at_s * rate_hz)
    return frame


async def test_sound_becomes_mono_at_its_time() -> None:
    converter = SoundConverter()
    begin_s = time.monotonic() - 1
    for number in range(3):
        block = converter.convert(sound(begin_s + number * 0.02))
        assert block.captured_at_s == pytest.approx(begin_s + number * 0.02, abs=0.002)
        assert (len(block.samples), int(np.median(block.samples))) == (960, 1000)


async def test_sound_before_a_skipped_frame_does_not_come_later() -> None:
    converter = SoundConverter()
    begin_s = time.monotonic() - 1
    heard = converter.convert(sound(begin_s, 3000, 44_100))
    assert len(heard.samples) < 960, "the resampler holds some back"
    converter.skip()
    assert converter.convert(sound(begin_s + 0.04, 1000, 44_100)).samples.max() <= 1100
