"""The way to a virtual camera. No kernel module is loaded here: a backend that records stands in for the device."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import numpy as np
import pytest
import pyvirtualcam
from source_lab import until_async
from virtual_camera_lab import DEVICE, Recorder, Recording, install

from eyeline.processing import virtual_camera
from eyeline.processing.card import StillCard
from eyeline.processing.errors import SourceMissingError, VirtualCameraError
from eyeline.processing.frame import I420Image, ProcessedFrame
from eyeline.processing.outgoing_video import OutgoingVideo
from eyeline.processing.sources.spec import CameraSpec, PatternSpec
from eyeline.processing.virtual_camera import MODPROBE, VirtualCamera, apart_from, unusable

SIZE_PX = (160, 120)
CARD = StillCard("Ada")
PICTURE = I420Image.filled(160, 120, (200, 100, 150))


@pytest.fixture
def backends() -> Iterator[None]:
    before = dict(pyvirtualcam.camera.BACKENDS)
    yield
    pyvirtualcam.camera.BACKENDS.clear()
    pyvirtualcam.camera.BACKENDS.update(before)


@pytest.fixture
def recorder(backends: None, tmp_path: Path) -> type[Recorder]:
    return install(tmp_path)


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    return Recording(tmp_path)


@pytest.fixture
async def video() -> AsyncIterator[OutgoingVideo]:
    video = OutgoingVideo(CARD, size_px=SIZE_PX)
    yield video
    video.close()


def camera(**other: str) -> VirtualCamera:
    return VirtualCamera(CARD, size_px=SIZE_PX, fps=30, **other)


def show(video: OutgoingVideo, image: I420Image = PICTURE) -> None:
    video.show(ProcessedFrame(image, time.monotonic()))


def is_card(image: I420Image) -> bool:
    return np.array_equal(image.data, CARD.image(*image.size).data)


async def test_the_card_is_there_first_and_last(
    recorder: type[Recorder], recording: Recording, video: OutgoingVideo
) -> None:
    async with camera() as out:
        assert out.device == DEVICE
        assert [is_card(image) for image in recording.images()] == [True]
        async with out.showing(video):
            show(video)
            await until_async(lambda: not is_card(recording.images()[-1]))
    images = recording.images()
    assert np.array_equal(images[-2].data, PICTURE.data)
    assert is_card(images[-1])
    assert out.sent == len(images)
    assert recorder.closed
    assert (recorder.opened["width"], recorder.opened["height"], recorder.opened["fps"]) == (160, 120, 30)
    assert recorder.opened["fourcc"] == pyvirtualcam.camera.encode_fourcc("I420")


async def test_pictures_of_any_size_fill_the_same_frame(
    recorder: type[Recorder], recording: Recording, video: OutgoingVideo
) -> None:
    async with camera() as out, out.showing(video):
        show(video, I420Image.filled(320, 120, (200, 100, 150)))
        await until_async(lambda: recording.images()[-1].y[60, 80] == 200)
    assert {image.size for image in recording.images()} == {SIZE_PX}
    shown = next(image for image in recording.images() if image.y[60, 80] == 200)
    assert (shown.y[10, 80], shown.u[5, 40], shown.v[5, 40]) == (16, 128, 128)


async def test_a_stall_is_the_card_and_pictures_come_back(
    recorder: type[Recorder], recording: Recording, video: OutgoingVideo
) -> None:
    async with camera() as out, out.showing(video):
        for _ in range(2):
            show(video)
            await until_async(lambda: not is_card(recording.images()[-1]))
            await until_async(lambda: is_card(recording.images()[-1]))


async def test_what_is_hidden_does_not_leave(
    recorder: type[Recorder], recording: Recording, video: OutgoingVideo, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit = virtual_camera.letterboxed

    def hides_meanwhile(image: I420Image, *box: int) -> I420Image:
        if image is PICTURE:
            video._hidden = True
        return fit(image, *box)

    monkeypatch.setattr(virtual_camera, "letterboxed", hides_meanwhile)
    async with camera() as out, out.showing(video):
        show(video)
        await until_async(lambda: video.hidden)
        await until_async(lambda: len(recording.images()) > 3)
    assert all(is_card(image) for image in recording.images())


async def test_a_device_that_goes_away_ends_it(recorder: type[Recorder], video: OutgoingVideo) -> None:
    recorder.fails_after = 2
    async with camera() as out, out.showing(video) as shown:
        with pytest.raises(VirtualCameraError, match="No such device") as caught:
            await asyncio.wait_for(shown, 20)
    assert DEVICE in caught.value.message
    assert caught.value.hint
    assert recorder.closed


async def test_another_device_is_refused_with_a_reason(recorder: type[Recorder]) -> None:
    with pytest.raises(VirtualCameraError, match="/dev/other does not exist"):
        async with camera(device="/dev/other"):
            pass
    async with camera(device=DEVICE) as out:
        assert out.device == DEVICE


@pytest.mark.skipif(any(Path("/dev").glob("video*")), reason="there may be a virtual camera here")
async def test_without_a_device_the_real_library_says_so_and_we_say_what_to_do(backends: None) -> None:
    for device in ("", "/dev/video7", "/dev/null"):
        with pytest.raises(VirtualCameraError) as caught:
            async with camera(device=device):
                pass
        assert device in caught.value.message
        assert "backend" not in caught.value.message
        assert MODPROBE in caught.value.hint
    assert MODPROBE == "sudo modprobe v4l2loopback devices=1 exclusive_caps=1 card_label=Eyeline"


async def test_without_the_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyvirtualcam", None)
    with pytest.raises(VirtualCameraError, match="not installed") as caught:
        async with camera():
            pass
    assert "eyeline[camera]" in caught.value.hint


def test_a_device_that_may_not_be_opened_has_another_remedy() -> None:
    error = unusable("'v4l2loopback' backend: Could not access /dev/video0 due to missing permissions. Did you?")
    assert error.message.endswith("Could not access /dev/video0 due to missing permissions.")
    assert "usermod" in error.hint
    assert unusable("").message.endswith("no reason given.")


def test_it_is_never_its_own_source(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    nodes = [tmp_path / name for name in ("video0", "video1", "again")]
    for node in nodes[:2]:
        node.touch()
    nodes[2].symlink_to(nodes[0])
    first, second, again = map(str, nodes)
    found = [first, second]
    monkeypatch.setattr(virtual_camera, "camera_addresses", lambda device: [device] if device else found)
    assert apart_from(PatternSpec(), first) == PatternSpec()
    assert apart_from(CameraSpec(second), first) == CameraSpec(second)
    assert apart_from(CameraSpec(), "/dev/elsewhere") == CameraSpec()
    assert apart_from(CameraSpec(), first) == CameraSpec(second)
    for own in (first, again):
        with pytest.raises(VirtualCameraError, match="own source"):
            apart_from(CameraSpec(own), first)


@pytest.mark.skipif(any(Path("/dev").glob("video*")), reason="there is a camera here")
def test_no_camera_at_all_is_told_as_elsewhere() -> None:
    with pytest.raises(SourceMissingError):
        apart_from(CameraSpec(), DEVICE)
