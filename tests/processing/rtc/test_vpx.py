from __future__ import annotations

import ctypes
import ctypes.util
import logging

import av
import pytest
from moving_clip import frame, psnr_db

from eyeline.processing.rtc import vpx, vpx_abi
from eyeline.processing.rtc.errors import EncoderError
from eyeline.processing.rtc.native_library import library_names
from eyeline.processing.rtc.vpx import LibvpxEncoder, PlanePointers, load_libvpx
from eyeline.processing.rtc.vpx_abi import Libvpx

SIZE_PX = (320, 180)


def libraries() -> list[str]:
    """Every libvpx of this machine: PyAV's and the system's."""
    return [name for name in library_names("vpx") if can_load(name)]


def can_load(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def pointers(picture: av.VideoFrame) -> PlanePointers:
    return PlanePointers([plane.buffer_ptr for plane in picture.planes], [plane.line_size for plane in picture.planes])


@pytest.mark.parametrize("name", libraries())
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
        Libvpx(libraries()[0])


def test_settings_of_another_layout_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Shifted(ctypes.Structure):
        _fields_ = (("g_inserted", ctypes.c_uint), *vpx_abi.VpxConfig._fields_)

    monkeypatch.setattr(vpx_abi, "VpxConfig", Shifted)
    with pytest.raises(EncoderError, match="do not lie where they should"):
        Libvpx(libraries()[0])


def test_another_abi_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Libvpx(libraries()[0])
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
