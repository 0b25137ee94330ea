"""The gaze correction as a stage of the picture."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
from gaze_lab import load_tracker, portrait
from picture_lab import StillRuntime, captured, half_person

from eyeline.config.errors import ModelError
from eyeline.models.errors import MissingModelError
from eyeline.processing.camera_care import CameraCare
from eyeline.processing.effects import ColorBackground, EffectState, NoBackground
from eyeline.processing.frame import I420Image
from eyeline.processing.gallery import Gallery
from eyeline.processing.gaze.correction import GazeCorrection
from eyeline.processing.gaze.status import Activity
from eyeline.processing.gaze_spec import Gaze, GazeMode
from eyeline.processing.mask import PersonMask
from eyeline.processing.picture import Picture

HELD = Gaze(GazeMode.TELEPROMPTER)


def opened() -> GazeCorrection:
    return GazeCorrection(load_tracker())


def opened_mask() -> PersonMask:
    return PersonMask(StillRuntime(np.ones_like(half_person())))


@pytest.fixture(params=[False, True], ids=["in turn", "beside"])
def picture(request: pytest.FixtureRequest) -> Iterator[Picture]:
    load_tracker().close()
    with Picture(opened_mask, Gallery(), open_gaze=opened, beside=request.param) as made:
        yield made


def wear(picture: Picture, effects: EffectState) -> None:
    picture.apply(picture.prepare(effects))


def seen(picture: Picture, image: I420Image, frames: int = 15, at_s: float = 0.0) -> I420Image:
    for index in range(frames):
        processed = picture.process(captured(image, at_s + index / 30))
    return processed.image


@pytest.mark.parametrize("background", [NoBackground(), ColorBackground(20, 40, 60)], ids=["room", "color"])
def test_eyes_are_turned_before_any_background(picture, background):
    image = portrait()
    wear(picture, EffectState(background, gaze=HELD))
    warped = seen(picture, image)
    assert picture.status.gaze.activity is Activity.ACTIVE
    assert picture.times.gaze_ms > 0
    wear(picture, EffectState(background))
    seen(picture, image, at_s=1.0)
    assert picture.status.gaze.activity is Activity.OFF
    without = seen(picture, image, at_s=2.0)
    changed = np.argwhere(warped.y != without.y)
    assert 50 < len(changed) < 0.05 * image.y.size


def test_a_strength_of_nothing_is_the_frame_itself(picture):
    image = portrait()
    wear(picture, EffectState(NoBackground(), gaze=Gaze(GazeMode.NATURAL, 0)))
    assert seen(picture, image, 2) is image


@pytest.mark.parametrize("error", [MissingModelError("no weights"), ModelError("they cannot be run")])
def test_without_nets_the_picture_goes_on_and_says_why(error):
    def missing() -> GazeCorrection:
        raise error

    image = portrait(1.0)
    with Picture(lambda: PersonMask(StillRuntime(half_person())), Gallery(), open_gaze=missing) as picture:
        wear(picture, EffectState(NoBackground(), gaze=HELD))
        assert seen(picture, image, 2) is image
        assert picture.status.gaze.activity is Activity.IDLE
        assert "eyeline models fetch" in picture.status.gaze.why


def test_a_mirrored_picture_is_corrected_as_it_is_seen(picture):
    wear(picture, EffectState(NoBackground(), mirror=True, gaze=HELD))
    image = portrait()
    warped = seen(picture, image)
    mirrored = np.ascontiguousarray(image.y[:, ::-1])
    changed = np.argwhere(warped.y != mirrored)
    assert 50 < len(changed) < 0.05 * mirrored.size


def test_eyes_are_the_same_whether_they_are_turned_beside_or_in_turn():
    image, made = portrait(), []
    for beside in (False, True):
        with Picture(opened_mask, Gallery(), open_gaze=opened, beside=beside) as picture:
            wear(picture, EffectState(ColorBackground(20, 40, 60), gaze=HELD))
            made.append(seen(picture, image))
    for one, other in zip(made[0].planes, made[1].planes, strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_face_tells_the_framing_where_the_owner_is(picture, monkeypatch):
    places = []

    def view(self, frame, mask, face_px=None):
        places.append(face_px)

    monkeypatch.setattr(CameraCare, "view", view)
    wear(picture, EffectState(ColorBackground(20, 40, 60), gaze=HELD))
    seen(picture, portrait(), 3)
    eyes_px = np.mean([eye.centre_px[0] for eye in load_tracker().update(portrait(), 0.0).eyes])
    assert places[-1] == pytest.approx(eyes_px, abs=6)
    wear(picture, EffectState(ColorBackground(20, 40, 60)))
    seen(picture, portrait(), 15, at_s=1.0)
    assert places[-1] is None


def test_a_mask_that_fails_leaves_no_eyes_behind_it(monkeypatch):
    image, looking = portrait(), threading.Event()

    class Slow(GazeCorrection):
        def correct(self, *arguments, **more):
            looking.set()
            time.sleep(0.05)
            result = super().correct(*arguments, **more)
            looking.clear()
            return result

    def failing(*_):
        assert looking.wait(10)
        raise ModelError("no mask")

    with Picture(opened_mask, Gallery(), open_gaze=lambda: Slow(load_tracker()), beside=True) as picture:
        wear(picture, EffectState(ColorBackground(20, 40, 60), gaze=HELD))
        with monkeypatch.context() as patch:
            patch.setattr(PersonMask, "update", failing)
            with pytest.raises(ModelError, match="no mask"):
                seen(picture, image, 1)
        assert not looking.is_set()
        seen(picture, image, at_s=1.0)
        assert picture.status.gaze.activity is Activity.ACTIVE
