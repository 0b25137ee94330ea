from __future__ import annotations

import ctypes
import logging
from functools import partial

import av
import numpy as np
import pytest
from encoder_lab import loadable_libraries
from moving_clip import frame, psnr_db

from eyeline.processing.rtc import x264, x264_abi
from eyeline.processing.rtc.errors import EncoderError
from eyeline.processing.rtc.libav_x264 import LibavX264
from eyeline.processing.rtc.native_library import library_names
from eyeline.processing.rtc.unchanged_blocks import compiling
from eyeline.processing.rtc.x264 import Libx264Encoder, load_libx264
from eyeline.processing.rtc.x264_abi import Libx264
from eyeline.processing.rtc.x264_setup import X264Setup

SIZE_PX = (320, 192)
SETUP = X264Setup(*SIZE_PX, "superfast", 700_000, 87_500)
KEPT = slice(0, 96)


@pytest.mark.parametrize("name", loadable_libraries("x264"))
def test_every_library_of_this_machine_passes(name: str) -> None:
    library = Libx264(name)
    x264._try_out(library)
    encoder, decoder = Libx264Encoder(SETUP, library=library), av.CodecContext.create("h264", "r")
    encoder.set_bitrate(300_000)
    for number in range(30):
        picture = frame(number, *SIZE_PX)
        coded = encoder.encode(picture, number, keyframe=False)
        assert coded is not None
        assert coded.is_keyframe == (number == 0)
        (shown,) = decoder.decode(av.Packet(coded.data))
    assert psnr_db(shown, picture) > 30
    encoder.close()
    encoder.close()
    with pytest.raises(EncoderError, match="closed"):
        encoder.encode(picture, 30, keyframe=False)
    with pytest.raises(EncoderError, match="closed"):
        encoder.set_bitrate(200_000)


def test_it_is_loaded_once() -> None:
    assert load_libx264() is load_libx264()


@pytest.mark.parametrize("preset", ["superfast", "ultrafast"])
def test_it_writes_the_bits_that_libav_has_of_it(preset: str) -> None:
    """With changes of rate and a keyframe on the way."""
    setup = X264Setup(*SIZE_PX, preset, 700_000, 87_500)
    streams = [
        Libx264Encoder(setup, skips_still=False, library=Libx264(loadable_libraries("x264")[0])),
        LibavX264(setup),
    ]
    for number in range(40):
        if number in (0, 10, 25):
            for stream in streams:
                stream.set_bitrate((150_000, 500_000, 90_000)[number // 10])
        ours, libavs = (stream.encode(frame(number, *SIZE_PX), number, keyframe=number == 20) for stream in streams)
        assert ours == libavs
        assert ours is not None
        assert ours.is_keyframe == (number in (0, 20))


def half_still(number: int) -> av.VideoFrame:
    """Moves in its lower half alone, and stands still altogether from the 60th on."""
    picture, rng = frame(min(number, 60), *SIZE_PX), np.random.default_rng(3)
    for plane, rows in zip(picture.planes, (96, 48, 48), strict=True):
        samples = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size).copy()
        samples[:rows] = rng.integers(60, 180, (rows // 8, plane.line_size)).repeat(8, axis=0)
        plane.update(samples.tobytes())
    return picture


def test_what_stands_still_is_not_looked_at_and_looks_as_well() -> None:
    """x264 is told so, and the result can be decoded and is as good."""
    compiling().result()
    told: list[float] = []
    shown: list[float] = []
    written: list[bytes] = []
    for skips in (True, False):
        encoder, decoder = Libx264Encoder(SETUP, skips_still=skips), av.CodecContext.create("h264", "r")
        for number in range(100):
            coded = encoder.encode(half_still(number), number, keyframe=False)
            assert coded is not None
            (picture,) = decoder.decode(av.Packet(coded.data))
            if encoder._blocks and encoder._picture.mb_info:
                told.append(float(encoder._blocks._unchanged.mean()))
        shown.append(psnr_db(picture, half_still(99)))
        written.append(coded.data)
    assert max(told[:55]) == pytest.approx(0.5, abs=0.1)
    assert told[-1] > 0.85
    assert shown[0] > shown[1] - 0.3
    assert written[0] != written[1]


def test_it_is_set_as_it_should_be() -> None:
    """x264 says so itself in its first picture."""
    coded = Libx264Encoder(SETUP).encode(frame(0, *SIZE_PX), 0, keyframe=False)
    assert coded is not None
    said = coded.data[coded.data.index(b"options:") :].split(b"\0")[0].split()
    assert {b"rc=cbr", b"threads=1", b"sliced_threads=0", b"keyint=infinite", b"scenecut=0", b"aq=0"} <= set(said)
    assert {b"bframes=0", b"rc_lookahead=0", b"bitrate=700", b"vbv_maxrate=700", b"vbv_bufsize=87"} <= set(said)


def test_a_change_where_it_stood_still_is_seen_at_once() -> None:
    compiling().result()
    encoder, decoder = Libx264Encoder(SETUP), av.CodecContext.create("h264", "r")
    for number in range(70):
        picture = frame(0, *SIZE_PX)
        if number >= 60:
            picture = frame(40, *SIZE_PX)
        coded = encoder.encode(picture, number, keyframe=False)
        assert coded is not None
        (shown,) = decoder.decode(av.Packet(coded.data))
        if number in (59, 69):
            assert psnr_db(shown, picture) > 30


def test_an_unknown_build_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(x264_abi, "_BUILDS", (99,))
    with pytest.raises(EncoderError, match="not of a build that is known"):
        Libx264(loadable_libraries("x264")[0])


def test_settings_of_another_layout_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Shifted(ctypes.Structure):
        _fields_ = (("inserted", ctypes.c_int), *x264_abi.X264Parameters._fields_)

    monkeypatch.setattr(x264_abi, "X264Parameters", Shifted)
    with pytest.raises(EncoderError, match="do not lie where they should"):
        Libx264(loadable_libraries("x264")[0])


def test_another_library_is_refused(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(x264, "library_names", lambda _: iter([next(library_names("vpx")), "/nowhere/libx264.so"]))
    load_libx264.cache_clear()
    try:
        with caplog.at_level(logging.DEBUG), pytest.raises(EncoderError, match="No x264 of a known build"):
            load_libx264()
    finally:
        load_libx264.cache_clear()
    assert "is not used" in caplog.text


@pytest.mark.parametrize("size_px", [(100_000, 100_000), (0, 0), (321, 181)])
@pytest.mark.parametrize("opened", [partial(Libx264Encoder, skips_still=True), LibavX264])
def test_a_size_that_it_refuses(opened: type[LibavX264], size_px: tuple[int, int]) -> None:
    with pytest.raises(EncoderError):
        opened(X264Setup(*size_px, "superfast", 700_000, 87_500))


def test_an_unknown_preset_is_refused() -> None:
    with pytest.raises(EncoderError, match="preset"):
        Libx264Encoder(X264Setup(*SIZE_PX, "quickest", 700_000, 87_500))
