from __future__ import annotations

import ctypes
import ctypes.util
import logging

import av
import numpy as np
import pytest
from encoder_lab import loadable_libraries
from moving_clip import frame, luma, psnr_db

from eyeline.processing.rtc import vpx, vpx_abi
from eyeline.processing.rtc.errors import EncoderError
from eyeline.processing.rtc.native_library import library_names
from eyeline.processing.rtc.plane_pointers import PlanePointers
from eyeline.processing.rtc.vpx import LibvpxEncoder, load_libvpx
from eyeline.processing.rtc.vpx_abi import Libvpx

SIZE_PX = (320, 180)


def pointers(picture: av.VideoFrame) -> PlanePointers:
    return PlanePointers([plane.buffer_ptr for plane in picture.planes], [plane.line_size for plane in picture.planes])


@pytest.mark.parametrize("name", loadable_libraries("vpx"))
def test_every_library_of_this_machine_passes(name: str) -> None:
    library = Libvpx(name)
    vpx._try_out(library)
    encoder = LibvpxEncoder(*SIZE_PX, 300_000, -8, library=library)
    decoder = av.CodecContext.create("libvpx", "r")
    for number in range(30):
        picture = frame(number, *SIZE_PX)
        coded = encoder.encode(pointers(picture), number * 3000, 3000, keyframe=False)
        assert coded is not None
        data, is_keyframe = coded
        assert is_keyframe == (number == 0) == (data[0] & 1 == 0)
        (shown,) = decoder.decode(av.Packet(data))
    assert psnr_db(shown, picture) > 30
    encoder.close()


def test_it_is_loaded_once() -> None:
    assert load_libvpx() is load_libvpx()


def test_an_unknown_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vpx_abi, "_ENCODER_ABIS", {(1, 3): (9,)})
    with pytest.raises(EncoderError, match="not a version that is known"):
        Libvpx(loadable_libraries("vpx")[0])


def test_settings_of_another_layout_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Shifted(ctypes.Structure):
        _fields_ = (("g_inserted", ctypes.c_uint), *vpx_abi.VpxConfig._fields_)

    monkeypatch.setattr(vpx_abi, "VpxConfig", Shifted)
    with pytest.raises(EncoderError, match="do not lie where they should"):
        Libvpx(loadable_libraries("vpx")[0])


def test_another_abi_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Libvpx(loadable_libraries("vpx")[0])
    monkeypatch.setattr(library, "_abis", (7,))
    with pytest.raises(EncoderError, match="ABI"):
        vpx._try_out(library)


def test_what_is_no_libvpx_is_passed_over(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    other = next(library_names("opus"))
    monkeypatch.setattr(vpx, "library_names", lambda stem: iter(["/nowhere/libvpx.so", other]))
    with caplog.at_level(logging.DEBUG), pytest.raises(EncoderError, match="No libvpx"):
        load_libvpx.__wrapped__()
    assert other in caplog.text


def test_a_size_that_libvpx_refuses() -> None:
    with pytest.raises(EncoderError, match="open an encoder"):
        LibvpxEncoder(20_000, 180, 300_000, -8)


def test_time_that_runs_back_is_refused_and_the_encoder_lives() -> None:
    encoder = LibvpxEncoder(*SIZE_PX, 300_000, -8)
    picture = frame(0, *SIZE_PX)
    assert encoder.encode(pointers(picture), 9000, 3000, keyframe=False)
    with pytest.raises(EncoderError, match="encode a picture"):
        encoder.encode(pointers(picture), 0, 3000, keyframe=False)
    assert encoder.encode(pointers(picture), 12_000, 3000, keyframe=False)
    encoder.close()


def test_it_can_be_closed_again() -> None:
    encoder = LibvpxEncoder(*SIZE_PX, 300_000, -8)
    encoder.close()
    encoder.close()


def test_a_closed_one_refuses() -> None:
    encoder = LibvpxEncoder(*SIZE_PX, 300_000, -8)
    encoder.close()
    with pytest.raises(EncoderError, match="encode a picture"):
        encoder.encode(pointers(frame(0, *SIZE_PX)), 0, 3000, keyframe=False)


def test_the_picture_is_only_read() -> None:
    encoder = LibvpxEncoder(*SIZE_PX, 300_000, -8)
    picture = frame(0, *SIZE_PX)
    before = [bytes(plane) for plane in picture.planes]
    encoder.encode(pointers(picture), 0, 3000, keyframe=True)
    assert [bytes(plane) for plane in picture.planes] == before
    encoder.close()


def before_a_still_room(number: int) -> av.VideoFrame:
    """The head of `frame`, before a room that is the same to the bit in every picture."""
    picture, room = frame(number, *SIZE_PX), frame(0, *SIZE_PX)
    for plane, still in zip(picture.planes, room.planes, strict=True):
        rows, behind = (np.frombuffer(each, np.uint8).reshape(-1, plane.line_size).copy() for each in (plane, still))
        aside = rows.shape[0] // 2
        rows[:, :aside], rows[:, -aside:] = behind[:, :aside], behind[:, -aside:]
        plane.update(rows.tobytes())
    return picture


def sent(pictures: list[av.VideoFrame], *, skips_still: bool, library: Libvpx) -> list[tuple[bytes, av.VideoFrame]]:
    encoder = LibvpxEncoder(*SIZE_PX, 400_000, -8, skips_still=skips_still, library=library)
    decoder = av.CodecContext.create("libvpx", "r")
    results = []
    for number, picture in enumerate(pictures):
        coded = encoder.encode(pointers(picture), number * 3000, 3000, keyframe=False)
        assert coded is not None
        (shown,) = decoder.decode(av.Packet(coded[0]))
        results.append((coded[0], shown))
    encoder.close()
    return results


@pytest.mark.parametrize("name", loadable_libraries("vpx"))
def test_blocks_that_stand_still_are_copied_and_look_the_same(name: str) -> None:
    pictures = [before_a_still_room(number) for number in range(90)]
    whole, thrifty = (sent(pictures, skips_still=skips, library=Libvpx(name)) for skips in (False, True))
    assert [data for data, _ in whole] != [data for data, _ in thrifty]
    for number in range(40, 90):
        assert psnr_db(thrifty[number][1], pictures[number]) > psnr_db(whole[number][1], pictures[number]) - 0.7


@pytest.mark.parametrize("name", loadable_libraries("vpx"))
def test_only_what_is_said_to_move_is_encoded(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    dark, light = (av.VideoFrame(*SIZE_PX, "yuv420p") for _ in range(2))
    for picture, level in ((dark, 40), (light, 200)):
        for plane in picture.planes:
            plane.update(bytes([level]) * plane.buffer_size)
    encoder = LibvpxEncoder(*SIZE_PX, 2_000_000, -8, library=Libvpx(name))
    left = np.zeros((12, 20), np.uint8)
    left[:, :10] = 1
    looks = iter([None, left])
    assert encoder._still is not None
    monkeypatch.setattr(encoder._still, "moving", lambda _: next(looks))
    decoder = av.CodecContext.create("libvpx", "r")
    for number, picture in enumerate((dark, light)):
        coded = encoder.encode(pointers(picture), number * 3000, 3000, keyframe=False)
        assert coded is not None
        (shown,) = decoder.decode(av.Packet(coded[0]))
    assert luma(shown)[:, :150].min() > 150
    assert luma(shown)[:, 170:].max() < 60
    encoder.close()


def test_a_camera_is_encoded_as_if_nothing_were_skipped() -> None:
    pictures = [frame(number, *SIZE_PX) for number in range(60)]
    whole, thrifty = (sent(pictures, skips_still=skips, library=load_libvpx()) for skips in (False, True))
    assert [data for data, _ in whole] == [data for data, _ in thrifty]


def test_a_picture_that_changes_as_a_whole_is_there_at_once() -> None:
    pictures = [frame(0, *SIZE_PX)] * 60 + [frame(45, *SIZE_PX)] * 8
    whole, thrifty = (sent(pictures, skips_still=skips, library=load_libvpx()) for skips in (False, True))
    assert psnr_db(thrifty[-1][1], pictures[-1]) > psnr_db(whole[-1][1], pictures[-1]) - 0.7


def sizes(encoder: LibvpxEncoder, numbers: range, *, keyframe: int | None = None) -> list[int]:
    """How many bytes these pictures take; 0 for those that rate control leaves out."""
    made = []
    for number in numbers:
        picture = frame(number, 640, 360)
        coded = encoder.encode(pointers(picture), number * 3000, 3000, keyframe=number == keyframe)
        made.append(len(coded[0]) if coded else 0)
    return made


def test_a_rate_that_sinks_step_by_step_is_followed_at_once() -> None:
    """As an estimate does that sinks with every packet; libvpx would first spend what it has saved up."""
    encoder = LibvpxEncoder(640, 360, 1_000_000, -8)
    before = sizes(encoder, range(60))[-20:]
    after: list[int] = []
    for number in range(60, 75):
        encoder.set_bitrate(round(970_000 * 0.97 ** (number - 60)))
        after += sizes(encoder, range(number, number + 1))
    encoder.close()
    assert sum(after) / len(after) < 0.6 * sum(before) / len(before)


def test_the_picture_after_a_keyframe_is_no_second_one() -> None:
    encoder = LibvpxEncoder(640, 360, 600_000, -8)
    sizes(encoder, range(40))
    keyframe, *others = sizes(encoder, range(40, 50), keyframe=40)
    encoder.close()
    assert max(others) < 1.2 * keyframe
