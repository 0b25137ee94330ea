"""One picture in several sizes."""

from __future__ import annotations

import ctypes

import av
import cv2
import numpy as np
from moving_clip import frame, luma

from eyeline.processing.rtc.pyramid import Pyramid
from eyeline.processing.rtc.simulcast_layers import layer_sizes

SIZES = layer_sizes(1280, 720)


def test_levels_have_their_sizes_and_look_like_the_picture() -> None:
    picture = frame(3)
    levels = Pyramid().levels(picture, SIZES)
    for level, (width_px, height_px) in zip(levels, SIZES, strict=True):
        assert [plane.shape for plane in level.planes] == [
            (height_px, width_px),
            (height_px // 2, width_px // 2),
            (height_px // 2, width_px // 2),
        ]
        straight = cv2.resize(luma(picture), (width_px, height_px), interpolation=cv2.INTER_AREA)
        assert np.abs(level.planes[0].astype(int) - straight).mean() < 1


def test_the_picture_itself_is_read_where_it_lies() -> None:
    picture = frame(0)
    (top,) = Pyramid().levels(picture, SIZES[2:])
    assert top.pointers.addresses == [plane.buffer_ptr for plane in picture.planes]
    assert top.pointers.strides == [plane.line_size for plane in picture.planes]


def test_pointers_are_those_of_the_samples() -> None:
    low = Pyramid().levels(frame(0), SIZES)[0]
    for plane, address in zip(low.planes, low.pointers.addresses, strict=True):
        assert ctypes.string_at(address, 8) == plane.tobytes()[:8]


def test_rows_with_padding_are_scaled_alike() -> None:
    picture = av.VideoFrame(964, 540, "yuv420p")
    for plane in picture.planes:
        plane.update(bytes([77]) * (plane.line_size * plane.height))
    for level in Pyramid().levels(picture, layer_sizes(964, 540)):
        assert all((plane == 77).all() for plane in level.planes)
