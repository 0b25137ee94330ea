"""Backgrounds as a person writes them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyeline.config.errors import UsageError
from eyeline.config.paths import PathError
from eyeline.processing.effects import (
    BlurBackground,
    ColorBackground,
    EffectState,
    FileBackground,
    GalleryBackground,
    GradientBackground,
    NoBackground,
    ScreenBackground,
    StreamBackground,
    is_gallery_name,
    parse_background,
)
from eyeline.processing.errors import BackgroundError
from eyeline.processing.placement import Fill, Placement
from eyeline.processing.sources.spec import ScreenPart, ScreenSpec, SourceTextError, StreamSpec

DARK, LIGHT = ColorBackground(0x10, 0x20, 0x30), ColorBackground(0x40, 0x50, 0x60)
GREY_1, GREY_2 = ColorBackground(0x11, 0x11, 0x11), ColorBackground(0x22, 0x22, 0x22)
FIT = Placement(Fill.FIT)


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("none", NoBackground()),
        (" None ", NoBackground()),
        ("blur", BlurBackground()),
        ("blur:0", BlurBackground(0)),
        ("BLUR:100", BlurBackground(100)),
        ("color:#204060", ColorBackground(0x20, 0x40, 0x60)),
        ("colour:ABCDEF", ColorBackground(0xAB, 0xCD, 0xEF)),
        ("dusk", GalleryBackground("dusk")),
        ("forest-haze", GalleryBackground("forest-haze")),
        ("strand", GalleryBackground("strand")),
        ("beach.jpg", FileBackground(Path("beach.jpg"))),
        ("./none", FileBackground(Path("none"))),
        ("C:/pictures/beach.png", FileBackground(Path("C:/pictures/beach.png"))),
        ("~/beach.png", FileBackground(Path.home() / "beach.png")),
        ("gradient:#102030,#405060", GradientBackground((DARK, LIGHT))),
        ("Gradient: 90deg, 102030, #405060 ,#102030", GradientBackground((DARK, LIGHT, DARK), 90)),
        ("gradient:-45,#102030,#405060", GradientBackground((DARK, LIGHT), 315)),
        ("gradient:111111,222222", GradientBackground((GREY_1, GREY_2))),
        ("fit:beach.jpg", FileBackground(Path("beach.jpg"), FIT)),
        ("cover:dusk", GalleryBackground("dusk")),
        ("focus:50,0:beach.jpg", FileBackground(Path("beach.jpg"), Placement(focus_percent=(50, 0)))),
        ("focus:10, 90:C:/a.png", FileBackground(Path("C:/a.png"), Placement(focus_percent=(10, 90)))),
        ("fit:rtsp://camera.local/live", StreamBackground(StreamSpec("rtsp://camera.local/live"), FIT)),
        ("http://host/live.m3u8", StreamBackground(StreamSpec("http://host/live.m3u8"))),
        ("screen", ScreenBackground(ScreenSpec())),
        ("focus:0,0:screen:1", ScreenBackground(ScreenSpec(1), Placement(focus_percent=(0, 0)))),
        ("Screen:640x480+1+2", ScreenBackground(ScreenSpec(part=ScreenPart(640, 480, 1, 2)))),
    ],
)
def test_every_form(text: str, spec: object) -> None:
    assert parse_background(text) == spec


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("blur:101", "0 to 100"),
        ("blur:-1", "0 to 100"),
        ("blur:1.5", "0 to 100"),
        ("blur:\u0661", "0 to 100"),
        ("color:red", "#rrggbb"),
        ("color:", "#rrggbb"),
        ("color:#12345", "#rrggbb"),
        ("color", "not complete"),
        ("fit", "not complete"),
        ("gradient:#102030", "2 to 8"),
        ("gradient:90,#102030", "2 to 8"),
        ("gradient:" + ",".join(["#102030"] * 9), "2 to 8"),
        ("gradient:#102030,red", "#rrggbb"),
        ("gradient:north,#102030,#405060", "#rrggbb"),
        ("fit:blur", "shape of its own"),
        ("fit:fit:beach.jpg", "shape of its own"),
        ("focus:1,1:color:#102030", "shape of its own"),
        ("fit:", "empty"),
        ("focus:50:beach.jpg", "two numbers"),
        ("focus:50,101:beach.jpg", "two numbers"),
    ],
)
def test_what_is_no_background_says_why(text: str, words: str) -> None:
    with pytest.raises(BackgroundError) as caught:
        parse_background(text)
    assert words in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("text", ["ftp://host/a", "rtsp://", "screen:none", "screen:"])
def test_addresses_and_screens_that_cannot_be(text: str) -> None:
    with pytest.raises(SourceTextError) as caught:
        parse_background(text)
    assert caught.value.hint


def test_a_password_is_not_shown() -> None:
    spec = parse_background("fit:rtsp://ada:secret77@camera.local/live?token=abcdef")
    assert isinstance(spec, StreamBackground)
    assert spec.stream.url == "rtsp://ada:secret77@camera.local/live?token=abcdef"
    for shown in (str(spec), repr(spec), str(EffectState(spec))):
        assert "secret77" not in shown
        assert "abcdef" not in shown


@pytest.mark.parametrize("name", ["dusk", "Strand_2", "ü-1", "x" * 64])
def test_names_of_the_gallery(name: str) -> None:
    assert is_gallery_name(name)
    assert parse_background(name) == GalleryBackground(name)


@pytest.mark.parametrize("name", ["", "None", "BLUR", "screen", "fit", "a b", "a.png", "../a", "a/b", "x" * 65])
def test_what_the_gallery_cannot_have(name: str) -> None:
    assert not is_gallery_name(name)


_WORDS = st.sampled_from(
    ["none", "blur", "fit:", "focus:1,2:", "gradient:", "#102030", "screen", "color", ":", ",", "./", "a"]
)


@given(st.text(max_size=40) | st.lists(_WORDS, max_size=5).map("".join))
def test_any_text_is_a_background_or_refused(text: str) -> None:
    try:
        spec = parse_background(text)
    except UsageError:
        return
    assert parse_background(str(spec)) == spec


def test_the_home_of_nobody_is_no_path() -> None:
    with pytest.raises(PathError, match="nobody-of-that-name"):
        parse_background("~nobody-of-that-name/beach.png")


def test_the_room_is_never_a_default() -> None:
    assert EffectState().background == BlurBackground(60)
