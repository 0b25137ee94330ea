"""The camera's picture, cared for in the right order, and untouched where nothing is asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from picture_lab import captured, scene

from eyeline.processing.camera_care import CameraCare
from eyeline.processing.effects import EffectState, Exposure
from eyeline.processing.frame import I420Image
from eyeline.processing.framing_spec import Crop, Framing

IMAGE = scene(640, 360)[0]
LEFT_HALF = Framing(Crop(0, 0, 50, 100))


def mask() -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    mask = np.zeros((180, 320), np.float32)
    mask[60:, 140:180] = 1
    return mask


def test_without_effects_nothing_is_touched():
    care = CameraCare()
    assert not care.begin(EffectState())
    assert care.taken(IMAGE) is IMAGE
    assert care.view(captured(IMAGE), mask()) is None


def test_cut_first_then_mirrored():
    care = CameraCare()
    assert care.begin(EffectState(mirror=True, framing=LEFT_HALF))
    assert np.array_equal(care.taken(IMAGE).y, IMAGE.y[:, :320][:, ::-1])


def test_it_tells_when_places_change_and_only_then():
    care, effects = CameraCare(), EffectState()
    changes = [
        (effects, False),
        (replace(effects, mirror=True), True),
        (replace(effects, mirror=True), False),
        (replace(effects, mirror=True, exposure=Exposure.LIFT), False),
        (replace(effects, mirror=True, framing=Framing(follow=True)), False),
        (replace(effects, framing=LEFT_HALF), True),
        (effects, True),
    ]
    for effects, changed in changes:
        assert care.begin(effects) is changed


def test_the_person_is_followed_and_lifted():
    care = CameraCare()
    dark = I420Image.filled(640, 360, (40, 128, 128))
    effects = EffectState(framing=Framing(follow=True), exposure=Exposure.LIFT)
    for number in range(240):
        care.begin(effects)
        lifted = care.taken(dark)
        view = care.view(captured(dark, number / 30), mask())
    assert view is not None
    assert view.size_px == (320, 180)
    assert lifted.y.min() > 55
    care.begin(EffectState())
    assert care.taken(dark) is dark
    care.begin(effects)
    assert care.taken(dark) is dark  # begins anew
    assert care.view(captured(dark, 9), mask()).size_px == (640, 360)
