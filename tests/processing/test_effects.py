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
    NoBackground,
    parse_background,
)
from eyeline.processing.errors import BackgroundError


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
    ],
)
def test_what_is_no_background_says_why(text: str, words: str) -> None:
    with pytest.raises(BackgroundError) as caught:
        parse_background(text)
    assert words in caught.value.message
    assert caught.value.hint


@given(st.text(max_size=40))
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
