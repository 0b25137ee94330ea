"""Framing as a person writes it."""

from __future__ import annotations

import pytest

from eyeline.processing.errors import EffectError
from eyeline.processing.framing_spec import WHOLE_PICTURE, Crop, Framing, parse_framing


@pytest.mark.parametrize(
    ("text", "framing"),
    [
        ("off", WHOLE_PICTURE),
        (" Auto ", Framing(follow=True)),
        ("crop:10,20,50,60", Framing(Crop(10, 20, 50, 60))),
        ("auto: 0, 0, 100, 50", Framing(Crop(0, 0, 100, 50), follow=True)),
    ],
)
def test_what_is_understood(text: str, framing: Framing):
    assert parse_framing(text) == framing
    assert parse_framing(str(framing)) == framing


@pytest.mark.parametrize(
    "text",
    [
        *("", "on", "off:1", "crop", "crop:", "crop:1,2,3", "crop:10,10,100,50", "crop:0,0,19,50", "crop:-1,0,50,50"),
        *("auto:0,0,50,5", "auto:x", "crop:0,0,50.5,50", "crop:٣,0,50,50", "crop:0,0,999,999", "zoom"),
    ],
)
def test_what_is_not_understood_is_told(text: str):
    with pytest.raises(EffectError) as told:
        parse_framing(text)
    assert told.value.hint
