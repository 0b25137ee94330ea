from __future__ import annotations

import logging
from collections.abc import Callable

import av
import numpy as np
import pytest
from moving_clip import frame, psnr_db

from eyeline.processing.rtc import vp8_encoder
from eyeline.processing.rtc.coded_picture import VideoCodec
from eyeline.processing.rtc.effort import Effort
from eyeline.processing.rtc.errors import EncoderError
from eyeline.processing.rtc.frame_times import FrameTime
from eyeline.processing.rtc.vp8_encoder import LibavVp8, LibvpxVp8, open_vp8

SIZE_PX = (320, 180)


def feed(codec: VideoCodec, numbers: range, aim: Callable[[int], int] = lambda number: 300_000) -> list[int]:
    """The numbers of the keyframes."""
    keyframes = []
    for number in numbers:
        codec.aim(aim(number), Effort.FULL)
        coded = codec.encode(frame(number, *SIZE_PX), FrameTime(number * 3000, 3000), keyframe=False)
        assert coded is not None
        if coded.is_keyframe:
            assert coded.data[0] & 1 == 0
            keyframes.append(number)
    return keyframes


def test_libvpx_is_preferred() -> None:
    assert isinstance(open_vp8(*SIZE_PX, 300_000, Effort.FULL), LibvpxVp8)


def test_without_libvpx_libav_takes_its_place(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def missing() -> None:
        raise EncoderError("No libvpx.")

    monkeypatch.setattr(vp8_encoder, "load_libvpx", missing)
    with caplog.at_level(logging.WARNING):
        codec = open_vp8(*SIZE_PX, 300_000, Effort.FULL)
    assert isinstance(codec, LibavVp8)
    assert "keyframes" in caplog.text


@pytest.mark.parametrize("kind", [LibvpxVp8, LibavVp8])
@pytest.mark.parametrize("effort", Effort)
def test_every_effort_gives_a_picture(kind: Callable[..., VideoCodec], effort: Effort) -> None:
    codec = kind(*SIZE_PX, 300_000, effort)
    decoder = av.CodecContext.create("libvpx", "r")
    for number in range(20):
        codec.aim(300_000, effort)
        picture = frame(number, *SIZE_PX)
        coded = codec.encode(picture, FrameTime(number * 3000, 3000), keyframe=False)
        assert coded is not None
        (shown,) = decoder.decode(av.Packet(coded.data))
    assert psnr_db(shown, picture) > 30
    codec.close()
    codec.close()


def test_a_rate_that_is_too_low_costs_pictures_but_no_keyframe() -> None:
    codec = LibvpxVp8(*SIZE_PX, 100_000, Effort.FULL)
    octets, left_out = 0, 0
    for number in range(150):
        noise = frame(number, *SIZE_PX)
        noise.planes[0].update(np.random.default_rng(number).bytes(noise.planes[0].buffer_size))
        coded = codec.encode(noise, FrameTime(number * 3000, 3000), keyframe=number in (75, 76))
        if coded is None:
            left_out += 1
            assert number not in (0, 75, 76)
        elif number >= 90:
            octets += len(coded.data)
    assert 50 < left_out < 149
    assert octets * 8 / 2 < 150_000
    codec.close()


def test_libavs_is_opened_anew_for_much_less_at_once() -> None:
    codec = LibavVp8(*SIZE_PX, 300_000, Effort.FULL)
    assert feed(codec, range(60), lambda number: 300_000 if number < 30 else 200_000) == [0, 30]


def test_and_for_a_little_less_not_at_all() -> None:
    codec = LibavVp8(*SIZE_PX, 300_000, Effort.FULL)
    assert feed(codec, range(60), lambda number: 300_000 - number * 1000) == [0]


def test_and_for_more_every_five_seconds() -> None:
    codec = LibavVp8(*SIZE_PX, 100_000, Effort.FULL)
    assert feed(codec, range(330), lambda number: 100_000 + number * 1000) == [0, 150, 300]


def test_keyframes_of_libav_are_made_when_asked() -> None:
    codec = LibavVp8(*SIZE_PX, 300_000, Effort.FULL)
    made = [codec.encode(frame(n, *SIZE_PX), FrameTime(n * 3000, 3000), keyframe=n == 7) for n in range(12)]
    assert [n for n, coded in enumerate(made) if coded and coded.is_keyframe] == [0, 7]


def test_what_libav_refuses_is_told() -> None:
    with pytest.raises(EncoderError):
        LibavVp8(20_000, 180, 300_000, Effort.FULL)
