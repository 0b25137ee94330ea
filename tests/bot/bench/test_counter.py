"""Numbers and flashes in pixels, through real codecs."""

from __future__ import annotations

from fractions import Fraction

import av
import cv2
import numpy as np
import pytest
from av.video.codeccontext import VideoCodecContext

from eyeline.bot.bench.counter import MAX_NUMBER, draw_flash, draw_number, is_lit, read_number
from eyeline.bot.bench.receiver import luma_of

WIDTH_PX, HEIGHT_PX = 640, 360


def textured(number: int) -> np.ndarray:
    luma = np.random.default_rng(number).integers(0, 255, (HEIGHT_PX, WIDTH_PX), np.uint8)
    return np.asarray(cv2.GaussianBlur(luma, (0, 0), 2), np.uint8)


@pytest.mark.parametrize("number", [0, 1, 0x55AA55, MAX_NUMBER])
def test_what_is_drawn_is_read(number: int) -> None:
    luma = textured(1)
    draw_number(luma, number)
    assert read_number(luma, WIDTH_PX) == number


@pytest.mark.parametrize("number", [-1, MAX_NUMBER + 1])
def test_numbers_of_more_bits_are_refused(number: int) -> None:
    with pytest.raises(ValueError, match="24 bits"):
        draw_number(textured(1), number)


@pytest.mark.parametrize("height_px", [180, 270])
def test_a_smaller_picture_is_read_as_well(height_px: int) -> None:
    luma = textured(1)
    draw_number(luma, 54_321)
    draw_flash(luma, lit=True)
    small = cv2.resize(luma, (height_px * 16 // 9, height_px), interpolation=cv2.INTER_AREA)
    assert read_number(small, WIDTH_PX) == 54_321
    assert is_lit(small, WIDTH_PX)


def test_a_picture_without_a_number_has_none() -> None:
    assert read_number(np.full((HEIGHT_PX, WIDTH_PX), 16, np.uint8), WIDTH_PX) == 0
    assert read_number(np.full((HEIGHT_PX, WIDTH_PX), 128, np.uint8), WIDTH_PX) is None
    assert read_number(np.full((HEIGHT_PX, WIDTH_PX), 235, np.uint8), WIDTH_PX) is None
    assert read_number(textured(3), WIDTH_PX) is None


def test_one_wrong_block_is_noticed() -> None:
    luma = textured(1)
    draw_number(luma, 1000)
    for column in range(16):
        broken = luma.copy()
        block = broken[:16, column * 16 : column * 16 + 16]
        block[:] = 251 - block
        assert read_number(broken, WIDTH_PX) is None


@pytest.mark.parametrize(("codec", "pixels"), [("libx264", "yuv420p"), ("libvpx", "yuv420p")])
def test_they_survive_coding_at_a_low_rate(codec: str, pixels: str) -> None:
    encoder = VideoCodecContext.create(codec, "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.bit_rate = WIDTH_PX, HEIGHT_PX, pixels, 150_000
    encoder.time_base, encoder.framerate = Fraction(1, 30), Fraction(30)
    if codec == "libx264":
        encoder.options = {"tune": "zerolatency", "preset": "ultrafast"}
    else:
        encoder.options = {"deadline": "realtime", "cpu-used": "-8", "lag-in-frames": "0"}
    decoder = VideoCodecContext.create("h264" if codec == "libx264" else "vp8", "r")
    read = []
    for number in range(20):
        packed = np.full((HEIGHT_PX * 3 // 2, WIDTH_PX), 128, np.uint8)
        packed[:HEIGHT_PX] = textured(number)
        draw_number(packed[:HEIGHT_PX], number * 40_000)
        draw_flash(packed[:HEIGHT_PX], lit=number % 3 == 0)
        frame = av.VideoFrame.from_ndarray(packed, format=pixels)
        frame.pts = number
        for packet in encoder.encode(frame):
            read += [(read_number(luma_of(f), WIDTH_PX), is_lit(luma_of(f), WIDTH_PX)) for f in decoder.decode(packet)]
    assert read == [(number * 40_000, number % 3 == 0) for number in range(len(read))]
    assert len(read) >= 19
