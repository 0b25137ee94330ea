"""As far aside as eyes are turned at all: 25 degrees across, 18 up and down, on drawn eyes whose truth is known."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest

from eyeline.models.training.gaze.camera import as_planes
from eyeline.models.training.gaze.conditions import Conditions
from eyeline.models.training.gaze.identity import EyeIdentity
from eyeline.models.training.gaze.renderer import DrawnEye, Placing, draw_scene
from eyeline.processing.frame import I420Image
from eyeline.processing.gaze.estimate import Eye, Visibility
from eyeline.processing.gaze.face_nets import EyePoints
from eyeline.processing.gaze.warper import EyeMove, Warper
from eyeline.processing.gaze.warpers import WarperKind, open_warper
from eyeline.processing.kernels.warm_up import warm_up_gaze

SIZE_PX, EYE_WIDTH_PX, EYES = (128, 96), 56.0, 6


@pytest.fixture(scope="module", params=WarperKind, ids=lambda kind: kind.value)
def warper(request: pytest.FixtureRequest) -> Iterator[Warper]:
    warm_up_gaze()
    loaded = open_warper(request.param)
    yield loaded
    loaded.close()


@cache
def drawn(seed: int, gaze: tuple[float, float]) -> tuple[I420Image, DrawnEye]:
    eye = draw_scene(EyeIdentity.of(seed), Conditions(), gaze, Placing(SIZE_PX, EYE_WIDTH_PX, fine=2))
    return I420Image(*SIZE_PX, as_planes(eye.image).reshape(-1)), eye


def seen(eye: DrawnEye, random: np.random.Generator) -> Eye:
    """With landmarks that are off by half a pixel."""
    iris = eye.iris + random.normal(0, 0.5, 2)
    edge = iris + np.array([(1, 0), (0, -1), (-1, 0), (0, 1)]) * eye.radius_px
    upper, lower = (lid + random.normal(0, 0.25, lid.shape) for lid in (eye.upper, eye.lower))
    points = EyePoints(*(part.astype(np.float32) for part in (upper, lower, np.vstack((iris, edge)))))
    return Eye(points, eye.centre, eye.radius_px, 0.3, Visibility(80, 0, 15, 0))


def within_px(eye: DrawnEye, radii: float) -> np.ndarray:
    down, across = np.mgrid[: SIZE_PX[1], : SIZE_PX[0]]
    return np.hypot(across - eye.iris[0], down - eye.iris[1]) < radii * eye.radius_px


@pytest.mark.parametrize("gaze", [(25, 0), (-25, 0), (0, 18), (0, -18), (22, -12)], ids=str)
def test_nothing_of_the_old_iris_is_left(warper: Warper, gaze: tuple[float, float]) -> None:
    """Where it was there is white, about as bright as in truth; and all of the eye is nearer to the truth by far."""
    random = np.random.default_rng(0)
    ghosts, gains_db = [], []
    for seed in range(21_000, 21_000 + EYES):
        (image, away), (truth, ahead) = drawn(seed, gaze), drawn(seed, (0, 0))
        eye = seen(away, random)
        move = EyeMove(eye, ahead.iris - eye.iris_px, (math.cos(math.radians(gaze[0])), 1.0))
        before, after, wanted = (one.y.astype(float) for one in (image, warper.warp(image, [move]), truth))
        left = within_px(away, 1) & ~within_px(ahead, 1.15) & (wanted - before > 25)
        if left.any():
            ghosts.append(
                np.clip(wanted - after, 0, None)[left].mean() / np.clip(wanted - before, 0, None)[left].mean()
            )
        gains_db.append(10 * math.log10(np.square(wanted - before).mean() / np.square(wanted - after).mean()))
    assert ghosts, "some of the old iris was not hidden by a lid"
    assert np.mean(ghosts) < 0.25
    assert np.mean(gains_db) > 4
