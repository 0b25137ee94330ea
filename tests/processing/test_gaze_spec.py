from __future__ import annotations

import pytest

from eyeline.processing.errors import EffectError
from eyeline.processing.gaze_spec import Gaze, GazeMode, parse_gaze


@pytest.mark.parametrize(
    ("text", "gaze"),
    [
        ("off", Gaze()),
        ("natural", Gaze(GazeMode.NATURAL, 100)),
        (" Teleprompter ", Gaze(GazeMode.TELEPROMPTER, 100)),
        ("natural:60", Gaze(GazeMode.NATURAL, 60)),
        ("60", Gaze(GazeMode.NATURAL, 60)),
        ("0", Gaze()),
    ],
)
def test_forms(text, gaze):
    assert parse_gaze(text) == gaze
    assert parse_gaze(str(gaze)) == gaze


@pytest.mark.parametrize("text", ["", "on", "101", "-1", "natural:", "natural:101", "natural:x", "6O", "natural:6:0"])
def test_what_is_none_of_them_says_what_would_be(text):
    with pytest.raises(EffectError) as caught:
        parse_gaze(text)
    assert "teleprompter" in caught.value.hint


def test_a_strength_of_zero_does_nothing():
    assert not Gaze(GazeMode.NATURAL, 0).works
    assert str(Gaze(GazeMode.NATURAL, 0)) == "off"
