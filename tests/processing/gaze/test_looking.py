from __future__ import annotations

import pytest
from gaze_lab import estimate

from eyeline.processing.gaze.looking import CalibrationError, SteadyLook


def looked(*frames):
    look = SteadyLook()
    for frame in frames:
        look.take(frame)
    return look


def test_the_middle_of_a_steady_look():
    steady = [estimate(yaw=6 + 0.5 * (index % 3)) for index in range(30)]
    found = looked(*steady, *[estimate(yaw=-20)] * 5, *[estimate(yaw=40, openness=0.05)] * 10).direction()
    assert found.yaw_degrees == pytest.approx(6.5, abs=0.6), "glances and blinks do not count"


@pytest.mark.parametrize(
    "frames",
    [
        [None] * 60,
        [estimate()] * 5,
        [estimate(openness=0.05)] * 60,
        [estimate(head_yaw=40)] * 60,
        [estimate(yaw=20 * (index % 2)) for index in range(60)],
    ],
    ids=["nobody", "too short", "closed", "turned away", "wandering"],
)
def test_what_is_no_steady_look(frames):
    with pytest.raises(CalibrationError) as caught:
        looked(*frames).direction()
    assert "try again" in caught.value.hint
