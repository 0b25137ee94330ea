from __future__ import annotations

from fractions import Fraction

import pytest
from av import VideoFrame
from av.video.frame import PictureType
from moving_clip import TIME_BASE, frame

from eyeline.processing.rtc.errors import EncoderError
from eyeline.processing.rtc.libav_pictures import PictureAlias

SIZE_PX = (320, 180)


def test_pixels_are_shared_and_nothing_else() -> None:
    picture = frame(5, *SIZE_PX)
    picture.pict_type = PictureType.P
    alias = PictureAlias(*SIZE_PX, Fraction(1, 30)).of(picture)
    assert [plane.buffer_ptr for plane in alias.planes] == [plane.buffer_ptr for plane in picture.planes]
    alias.pts, alias.pict_type = 77, PictureType.I
    assert (picture.pts, picture.time_base, picture.pict_type) == (15_000, TIME_BASE, PictureType.P)


def test_pixels_outlive_the_frame() -> None:
    aliases = PictureAlias(*SIZE_PX, Fraction(1, 30))
    alias = aliases.of(frame(5, *SIZE_PX))
    assert bytes(alias.planes[0]) == bytes(frame(5, *SIZE_PX).planes[0])


def test_a_frame_of_another_size_is_refused_or_passed_whole() -> None:
    aliases = PictureAlias(*SIZE_PX, Fraction(1, 30))
    try:
        alias = aliases.of(frame(0, 640, 360))
    except EncoderError:
        return
    assert (alias.width, alias.height) == (640, 360)


def test_a_size_that_cannot_be() -> None:
    with pytest.raises(EncoderError, match="0x0"):
        PictureAlias(0, 0, Fraction(1, 30))


def test_frames_without_a_time_are_taken() -> None:
    assert PictureAlias(*SIZE_PX, Fraction(1, 30)).of(VideoFrame(*SIZE_PX, "yuv420p")).pts is None
