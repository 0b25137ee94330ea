from __future__ import annotations

import av
import numpy as np
import pytest
from moving_clip import frame, psnr_db

from eyeline.processing.rtc import h264_encoder
from eyeline.processing.rtc.effort import Effort
from eyeline.processing.rtc.errors import EncoderError
from eyeline.processing.rtc.frame_times import FrameTime
from eyeline.processing.rtc.h264_encoder import LiveH264, OpenX264, open_h264
from eyeline.processing.rtc.libav_x264 import LibavX264
from eyeline.processing.rtc.x264 import Libx264Encoder

SIZE_PX = (320, 180)
SPS, PPS, IDR, SLICE = 7, 8, 5, 1


def units(data: bytes) -> list[bytes]:
    return [unit.rstrip(b"\0") for unit in data.split(b"\0\0\1")[1:]]


def unit_types(data: bytes) -> list[int]:
    """Without what is no picture and no header (SEI, access unit delimiters)."""
    return [unit[0] & 0x1F for unit in units(data) if unit[0] & 0x1F in (SPS, PPS, IDR, SLICE)]


def opened(stream: OpenX264 = Libx264Encoder) -> LiveH264:
    return LiveH264(*SIZE_PX, 200_000, Effort.FULL, stream)


def encode(codec: LiveH264, number: int, *, keyframe: bool = False) -> bytes:
    coded = codec.encode(frame(number, *SIZE_PX), FrameTime(number * 3000, 3000), keyframe=keyframe)
    assert coded is not None
    assert coded.is_keyframe == (IDR in unit_types(coded.data))
    return coded.data


def test_every_picture_comes_out_at_once_and_decodes() -> None:
    codec, decoder = opened(), av.CodecContext.create("h264", "r")
    for number in range(45):
        (shown,) = decoder.decode(av.Packet(encode(codec, number)))
    assert psnr_db(shown, frame(44, *SIZE_PX)) > 30


def test_keyframes_carry_their_headers() -> None:
    codec = opened()
    made = [unit_types(encode(codec, number, keyframe=number in (4, 5))) for number in range(8)]
    assert [number for number, types in enumerate(made) if IDR in types] == [0, 4, 5]
    assert made[0] == made[4] == made[5] == [SPS, PPS, IDR]
    assert made[1] == [SLICE]


@pytest.mark.parametrize(
    ("size_px", "level"), [((320, 180), 31), ((1280, 720), 31), ((720, 1280), 31), ((1920, 1080), 40)]
)
@pytest.mark.parametrize("effort", [Effort.FULL, Effort.LEAST])
def test_it_is_constrained_baseline(size_px: tuple[int, int], level: int, effort: Effort) -> None:
    coded = open_h264(*size_px, 1_000_000, effort).encode(frame(0, *size_px), FrameTime(0, 3000), keyframe=False)
    assert coded is not None
    sps = next(unit for unit in units(coded.data) if unit[0] & 0x1F == SPS)
    assert sps[1] == 66
    assert sps[2] & 0xC0 == 0xC0  # obeys baseline and main, so no arbitrary slice order: constrained baseline
    assert sps[3] == level


def slice_type(data: bytes) -> int:
    """Of the first slice, as H.264 numbers them (table 7-6): 0 or 5 is P, 2 or 7 is I."""
    (unit, *_) = [unit for unit in units(data) if unit[0] & 0x1F in (SLICE, IDR)]
    bits = "".join(f"{octet:08b}" for octet in unit[1:9])
    assert bits[0] == "1"  # the slice begins at the first macroblock
    zeros = bits[1:].index("1")
    return int(bits[1 + zeros : 2 + 2 * zeros], 2) - 1


def test_a_cut_makes_no_picture_of_its_own_accord() -> None:
    codec, rng = opened(), np.random.default_rng(1)
    assert slice_type(encode(codec, 0)) in (2, 7)
    for number in range(1, 60):
        assert slice_type(encode(codec, number)) in (0, 5)
    other = frame(0, *SIZE_PX)
    other.planes[0].update(rng.integers(16, 235, other.planes[0].buffer_size, np.uint8).tobytes())
    coded = codec.encode(other, FrameTime(900_000, 3000), keyframe=False)
    assert coded is not None
    assert not coded.is_keyframe
    assert slice_type(coded.data) in (0, 5)


def test_another_preset_waits_for_a_keyframe() -> None:
    codec = opened()
    keyframes = []
    for number in range(60):
        codec.aim(200_000, Effort.FULL if number < 10 else Effort.LEAST)
        if IDR in unit_types(encode(codec, number, keyframe=number == 40)):
            keyframes.append(number)
    assert keyframes == [0, 40]


def test_another_preset_keeps_the_rate() -> None:
    codec, sizes = opened(), []
    for number in range(120):
        codec.aim(60_000, Effort.FULL if number < 10 else Effort.LEAST)
        sizes.append(len(encode(codec, number, keyframe=number == 40)))
    assert sum(sizes[80:]) * 8 * 30 / 40 < 100_000


def test_or_is_taken_every_ten_seconds() -> None:
    codec = opened()
    keyframes = []
    for number in range(0, 660, 2):
        codec.aim(200_000, Effort.LEAST if 10 <= number < 400 else Effort.FULL)
        if IDR in unit_types(encode(codec, number)):
            keyframes.append(number)
    assert keyframes == [0, 300, 600]


def test_equal_presets_are_not_changed() -> None:
    codec = opened()
    for number in range(0, 330, 2):
        codec.aim(200_000, (Effort.FULL, Effort.MEDIUM)[number // 2 % 2])
        assert (IDR in unit_types(encode(codec, number))) == (number == 0)


def test_both_ways_to_x264_write_the_same() -> None:
    ours, libavs = opened(Libx264Encoder), opened(LibavX264)
    for number in range(30):
        if number == 12:
            ours.aim(90_000, Effort.LOW)
            libavs.aim(90_000, Effort.LOW)
        assert encode(ours, number, keyframe=number == 20) == encode(libavs, number, keyframe=number == 20)
    ours.close()
    ours.close()
    libavs.close()


def test_without_x264_itself_libav_s_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(open_h264(*SIZE_PX, 200_000, Effort.FULL)._stream, Libx264Encoder)

    def missing() -> None:
        raise EncoderError("None was found.")

    monkeypatch.setattr(h264_encoder, "load_libx264", missing)
    codec = open_h264(*SIZE_PX, 200_000, Effort.FULL)
    assert isinstance(codec._stream, LibavX264)
    assert unit_types(encode(codec, 0)) == [SPS, PPS, IDR]


def test_its_rate_follows_the_distance_of_frames() -> None:
    """x264 takes all to be a thirtieth of a second apart."""
    sizes = []
    for ticks in (3000, 6000):
        codec = opened()
        coded = [codec.encode(frame(n, *SIZE_PX), FrameTime(n * ticks, ticks), keyframe=False) for n in range(60)]
        sizes.append(sum(len(each.data) for each in coded[15:] if each))
    assert sizes[1] / sizes[0] == pytest.approx(2, rel=0.25)
