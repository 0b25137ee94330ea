"""There is no screen here. What fails is tried for real; what works, on libav's own virtual device."""

from __future__ import annotations

import pytest
from source_lab import take

from eyeline.processing.errors import SourceDeniedError, SourceError, SourceMissingError
from eyeline.processing.sources.fitting import Box
from eyeline.processing.sources.screen import ScreenAddress, ScreenReader, screen_address
from eyeline.processing.sources.spec import ScreenPart, ScreenSpec, SourceTextError, parse_screen

BOX = Box(640, 360, 15)
PART = ScreenSpec(part=ScreenPart(800, 600, 10, 20))


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("screen", ScreenSpec()),
        (" Screen ", ScreenSpec()),
        ("screen:1", ScreenSpec(1)),
        ("screen:800x600+10+20", PART),
    ],
)
def test_every_form(text: str, spec: ScreenSpec):
    assert parse_screen(text) == spec
    assert parse_screen(str(spec)) == spec


@pytest.mark.parametrize("text", ["screen:", "screen:a", "screen:-1", "screen:800x600", "screen:1x600+0+0", "monitor"])
def test_what_is_no_screen(text: str):
    with pytest.raises(SourceTextError) as caught:
        parse_screen(text)
    assert "screen" in f"{caught.value.message}{caught.value.hint}"


def test_x11():
    found = screen_address(ScreenSpec(1), platform="linux", environment={"DISPLAY": "desk:2.0"})
    assert found == ScreenAddress("x11grab", "desk:2.1", {})
    found = screen_address(PART, platform="linux", environment={"DISPLAY": ":0"})
    assert found == ScreenAddress("x11grab", ":0", {"video_size": "800x600", "grab_x": "10", "grab_y": "20"})


def test_wayland_and_no_desktop_are_told_apart():
    for environment in ({"WAYLAND_DISPLAY": "wayland-0"}, {"XDG_SESSION_TYPE": "wayland", "DISPLAY": ":0"}):
        with pytest.raises(SourceDeniedError, match="Wayland"):
            screen_address(ScreenSpec(), platform="linux", environment=environment)
    with pytest.raises(SourceMissingError, match="DISPLAY"):
        screen_address(ScreenSpec(), platform="linux", environment={})


def test_macos_and_windows():
    assert screen_address(ScreenSpec(1), platform="darwin").address == "Capture screen 1"
    assert screen_address(PART, platform="win32").options["offset_x"] == "10"
    with pytest.raises(SourceError, match="part"):
        screen_address(PART, platform="darwin")
    with pytest.raises(SourceMissingError, match="numbers"):
        screen_address(ScreenSpec(1), platform="win32")


def test_pictures_fit_the_box():
    graph = ScreenAddress("lavfi", "testsrc=size=1920x1080:rate=30,realtime", {})
    reader = ScreenReader(ScreenSpec(), BOX, find=lambda _: graph)
    try:
        reader.open()
        assert {frame.image.size for frame in take(reader, 3)} == {(640, 360)}
    finally:
        reader.close()


@pytest.mark.parametrize("address", [ScreenAddress("x11grab", ":97", {}), ScreenAddress("no-such-form", "x", {})])
def test_a_screen_that_is_not_there(address: ScreenAddress):
    reader = ScreenReader(ScreenSpec(), BOX, find=lambda _: address)
    with pytest.raises(SourceError, match="screen"):
        reader.open()
    reader.close()
