"""There is no camera here. What fails is tried on real device nodes; what works, on libav's own virtual device."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.error import err_check
from source_lab import take

from eyeline.processing.errors import SourceBusyError, SourceDeniedError, SourceError, SourceMissingError
from eyeline.processing.sources import devices
from eyeline.processing.sources.camera import CameraReader
from eyeline.processing.sources.device_input import DeviceInput, captured_at_s
from eyeline.processing.sources.devices import Device, best_video_source, camera_addresses, list_cameras
from eyeline.processing.sources.fitting import Box
from eyeline.processing.sources.libav_errors import said_errno, source_errors, translated

BOX = Box(640, 360, 30)
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="device nodes of Linux")


def virtual_camera(graph: str, box: Box = BOX) -> CameraReader:
    return CameraReader("", box, form="lavfi", find=lambda _: [graph])


@contextmanager
def opened(reader: CameraReader) -> Iterator[CameraReader]:
    try:
        reader.open()
        yield reader
    finally:
        reader.close()


def test_delivers_frames_of_the_present() -> None:
    with opened(virtual_camera("testsrc=size=1280x720:rate=30,realtime")) as reader:
        frames = take(reader, 4)
    assert frames[0].image.size == (640, 360)
    assert abs(frames[-1].captured_at_s - time.monotonic()) < 5
    times = [frame.captured_at_s for frame in frames]
    assert times == sorted(times)


def test_hd_that_does_not_say_is_bt_601() -> None:
    red = "color=red:size=1280x720:rate=30,format=yuv420p,setparams=colorspace=unknown,realtime"
    with opened(virtual_camera(red, Box(1280, 720, 30))) as reader:
        planes = take(reader, 1)[0].image.planes
    assert np.allclose([np.median(plane) for plane in planes], (81, 90, 240), atol=3)


def test_skips_without_decoding() -> None:
    with opened(virtual_camera("testsrc=size=320x180:rate=30,realtime")) as reader:
        assert reader.skip()
        assert take(reader, 1)


def test_takes_the_camera_that_gives_a_picture() -> None:
    graphs = ["nonsense=1", "anullsrc", "testsrc=size=320x180:rate=30,realtime"]
    with opened(CameraReader("", BOX, form="lavfi", find=lambda _: graphs)) as reader:
        assert take(reader, 1)[0].image.size == (320, 180)


def test_a_camera_that_ends_is_lost() -> None:
    with (
        opened(virtual_camera("testsrc=size=320x180:rate=30:duration=0.1")) as reader,
        pytest.raises(SourceError, match="ended"),
    ):
        take(reader, 10)


def test_gives_no_picture() -> None:
    with pytest.raises(SourceError, match="gives no picture"), opened(virtual_camera("anullsrc")):
        pass


@on_linux
@pytest.mark.parametrize(
    ("node", "error"),
    [
        ("/dev/video97", SourceMissingError),
        ("/dev/null", SourceMissingError),
        ("/dev/full", SourceMissingError),
    ],
)
def test_what_is_no_camera(node: str, error: type[SourceError]) -> None:
    with pytest.raises(error, match=node) as caught, opened(CameraReader(node, BOX)):
        pass
    assert caught.value.hint


@on_linux
def test_a_plain_file_is_no_camera(tmp_path: Path) -> None:
    path = tmp_path / "video0"
    path.write_bytes(bytes(100))
    reader = CameraReader("", BOX, find=lambda _: [str(path)])
    with pytest.raises(SourceMissingError, match="no such device"), opened(reader):
        pass


@on_linux
def test_a_camera_that_may_not_be_opened(tmp_path: Path) -> None:
    node = tmp_path / "video0"
    node.touch(mode=0o000)
    tmp_path.chmod(0o755)
    reader = CameraReader("", BOX, find=lambda _: ["/dev/video97", str(node)])
    with pytest.raises(SourceDeniedError, match="may not be opened") as caught, nobody(), opened(reader):
        pass
    assert "group video" in caught.value.hint


@contextmanager
def nobody() -> Iterator[None]:
    """Drop root, to whom nothing is forbidden."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize(
    ("number", "error", "text"),
    [
        (errno.EBUSY, SourceBusyError, "in use by another program"),
        (errno.EACCES, SourceDeniedError, "may not be opened"),
        (errno.EPERM, SourceDeniedError, "may not be opened"),
        (errno.ENODEV, SourceMissingError, "is not there"),
        (errno.ENOENT, SourceMissingError, "is not there"),
        (errno.ENOTTY, SourceMissingError, "is no such device"),
        (errno.EIO, SourceError, "input/output error"),
        (errno.ETIMEDOUT, SourceError, "does not answer in time"),
        (errno.ECONNREFUSED, SourceError, "cannot be reached"),
        (errno.ECONNRESET, SourceError, "broke off"),
    ],
)
def test_errors_in_words(number: int, error: type[SourceError], text: str) -> None:
    with pytest.raises(error, match=text) as caught, source_errors("The camera"):
        err_check(-number, "rtsp://user:secret@host")
    assert type(caught.value) is error
    assert "secret" not in str(caught.value)


def test_what_libav_said_tells_more_than_its_number() -> None:
    words = ["cannot open audio device default (Device or resource busy)\n"]
    assert said_errno(words) == errno.EBUSY
    assert said_errno(["something else"]) is None
    with pytest.raises(av.FFmpegError) as caught:
        err_check(-errno.EIO)
    assert isinstance(translated("The microphone", caught.value, said_errno(words)), SourceBusyError)


def test_asking_for_less_when_the_device_does_not_have_it() -> None:
    device = DeviceInput("testsrc=size=320x180:rate=30,realtime", "lavfi", "The camera")
    try:
        container = device.open([{"probesize": "no number"}, {}])
        assert container.streams.video[0].width == 320
    finally:
        device.close()
    with pytest.raises(SourceError):
        device.open([{"probesize": "no number"}])


@pytest.mark.parametrize("clock", [time.monotonic, time.time])
def test_the_stamp_of_the_driver_is_the_capture_time(clock: object) -> None:
    begun_s = time.monotonic()
    packet = stamped((time.monotonic() if clock is time.monotonic else time.time()) - 0.2)
    assert begun_s - 0.25 < captured_at_s(packet) < time.monotonic() - 0.15


@pytest.mark.parametrize("stamp_s", [0.0, 1e6 + 5e8, -10.0])
def test_a_stamp_that_cannot_be_is_not_believed(stamp_s: float) -> None:
    assert abs(captured_at_s(stamped(stamp_s)) - time.monotonic()) < 10


def test_without_a_stamp_it_is_now() -> None:
    assert abs(captured_at_s(av.Packet(10)) - time.monotonic()) < 10


def stamped(seconds: float) -> av.Packet:
    packet = av.Packet(10)
    packet.time_base = Fraction(1, 1_000_000)
    packet.pts = round(seconds * 1_000_000)
    return packet


@on_linux
def test_numbers_and_paths_are_device_nodes() -> None:
    assert camera_addresses("3") == ["/dev/video3"]
    assert camera_addresses("/dev/video5") == ["/dev/video5"]


def test_a_name_that_nothing_has() -> None:
    with pytest.raises(SourceMissingError, match="no camera called Nonesuch"):
        camera_addresses("Nonesuch")


def test_names(monkeypatch: pytest.MonkeyPatch) -> None:
    cameras = [
        Device("/dev/video0", "Integrated Webcam"),
        Device("/dev/video2", "HD Pro C920"),
        Device("/dev/video4", "HD"),
    ]
    monkeypatch.setattr(devices, "list_cameras", lambda: cameras)
    assert camera_addresses("") == ["/dev/video0", "/dev/video2", "/dev/video4"]
    assert camera_addresses("c920") == ["/dev/video2"]
    assert camera_addresses("hd") == ["/dev/video4"]  # the whole name before a part of it


def test_names_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "SYSTEM", devices.WINDOWS)
    monkeypatch.setattr(devices, "list_cameras", lambda: [Device("@pnp_1", "USB Camera"), Device("@pnp_2", "OBS")])
    assert camera_addresses("obs") == ["video=@pnp_2"]
    assert camera_addresses("0") == ["video=@pnp_1"]


def test_what_is_used_when_nobody_said() -> None:
    assert best_video_source() == ("camera" if list_cameras() else "pattern")
