"""Where eyes look, from what the nets see of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from gaze_lab import estimate, leaning, load_tracker, portrait

from eyeline.processing.gaze.estimate import Eye
from eyeline.processing.gaze.geometric import GeometricWarper
from eyeline.processing.gaze.warper import EyeMove


@pytest.mark.parametrize("pitch", [-20.0, -8.0, 0.0, 12.0])
@pytest.mark.parametrize("px_per_mm", [0.8, 2.0])
def test_of_the_way_down_a_third_is_seen_and_all_of_it_is_told(pitch, px_per_mm):
    seen = estimate(pitch=pitch, px_per_mm=px_per_mm)
    assert seen.direction.pitch_degrees == pytest.approx(pitch, abs=1)
    iris_only = seen.iris_direction.pitch_degrees - estimate(px_per_mm=px_per_mm).iris_direction.pitch_degrees
    assert abs(iris_only) < 0.45 * abs(pitch) + 1


@pytest.mark.parametrize("roll", [-0.4, 0.3])
def test_a_head_that_leans_changes_nothing(roll):
    seen = estimate(pitch=-12, yaw=9)
    leant = leaning(seen, roll)
    for one, other in ((leant.direction, seen.direction), (leant.iris_direction, seen.iris_direction)):
        assert one.pitch_degrees == pytest.approx(other.pitch_degrees, abs=0.5)
        assert one.yaw_degrees == pytest.approx(other.yaw_degrees, abs=0.5)


@pytest.mark.parametrize("part", ["upper", "lower"])
def test_lids_that_come_down_tell_of_eyes_that_look_down(part):
    seen = estimate()

    def lowered(eye: Eye) -> Eye:
        lid = getattr(eye.points, part).copy()
        lid[1:-1, 1] += 2.0
        return replace(eye, points=replace(eye.points, **{part: lid}))

    lower = replace(seen, right=lowered(seen.right), left=lowered(seen.left))
    assert -12 < lower.direction.pitch_degrees - seen.direction.pitch_degrees < -2


def test_a_head_that_is_raised_is_no_gaze():
    """The middle of the eyeball lies behind the corners: it sinks in the picture as a head is thrown back."""
    level = estimate()
    raised = replace(level, head=replace(level.head, pitch_degrees=level.head.pitch_degrees + 20))
    assert 1 < raised.direction.pitch_degrees - level.direction.pitch_degrees < 6


@pytest.mark.parametrize("turned", [-12.0, -6.0, 6.0, 12.0])
def test_eyes_that_are_turned_in_a_photograph_are_seen_to_be_so(turned):
    """The real nets: by the iris and the corners alone it would be a half or less."""
    with_nets = load_tracker()

    def settled(image):
        with_nets.reset()
        for index in range(4):
            found = with_nets.update(image, index / 30)
        assert found is not None
        return found

    before = settled(portrait())
    way_px = 10.5 * before.head.px_per_mm * np.sin(np.radians(turned))
    turned_image = GeometricWarper().warp(
        portrait(), [EyeMove(eye, np.array([0, -way_px], np.float32)) for eye in before.eyes]
    )
    after = settled(turned_image)
    with_nets.close()
    told = after.direction.pitch_degrees - before.direction.pitch_degrees
    by_iris = after.iris_direction.pitch_degrees - before.iris_direction.pitch_degrees
    assert told / turned == pytest.approx(1, abs=0.5)
    assert by_iris / turned < 0.6
