"""Drawn eyes as the trainer takes them: some views of each, all but the gaze the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eyeline.models.nets.eye_patch import EYE_WIDTH_PX, LID_COLUMNS, PATCH_PX, lid_table
from eyeline.models.training.gaze.camera import Planes, as_planes, developed, transmitted
from eyeline.models.training.gaze.conditions import Conditions
from eyeline.models.training.gaze.identity import EyeIdentity
from eyeline.models.training.gaze.renderer import Placing, draw_scene

VIEWS = 4
_MOST_YAW, _LEAST_PITCH, _MOST_PITCH = 30.0, -28.0, 20.0  # degrees, seen from the camera
_MOST_TURN = 38.0  # of the eye in the head
_FINE = 2

Report = Callable[[int, int], None]
"""Told how many of how many are done."""


@dataclass(frozen=True, slots=True)
class EyeSet:
    """Views of eyes, in pixels of the net's patch.

    Args:
        clean: Planes without noise: `uint8`, `(eyes, views, 72, 64)`.
        noisy: As a camera sends them, likewise.
        upper: Heights of the upper lid at the net's columns: `(eyes, views, columns)`.
        lower: Likewise.
        iris: Middle of the iris: `(eyes, views, 2)`.
        radius: Of the iris: `(eyes,)`.
        covered: Whether something is before the eye: `(eyes,)`.
    """

    clean: NDArray[np.uint8]
    noisy: NDArray[np.uint8]
    upper: NDArray[np.float32]
    lower: NDArray[np.float32]
    iris: NDArray[np.float32]
    radius: NDArray[np.float32]
    covered: NDArray[np.bool_]


def draw_set(first_seed: int, eyes: int, *, threads: int, report: Report) -> EyeSet:
    """Draw eyes with the seeds from `first_seed` on; the same ones whatever `threads` is."""
    width, height = PATCH_PX
    drawn = EyeSet(
        clean=np.empty((eyes, VIEWS, height * 3 // 2, width), np.uint8),
        noisy=np.empty((eyes, VIEWS, height * 3 // 2, width), np.uint8),
        upper=np.empty((eyes, VIEWS, LID_COLUMNS), np.float32),
        lower=np.empty((eyes, VIEWS, LID_COLUMNS), np.float32),
        iris=np.empty((eyes, VIEWS, 2), np.float32),
        radius=np.empty(eyes, np.float32),
        covered=np.empty(eyes, np.bool_),
    )

    def fill(index: int) -> None:
        _fill(drawn, index, first_seed + index)

    with ThreadPoolExecutor(threads) as pool:
        for done, _ in enumerate(pool.map(fill, range(eyes)), 1):
            report(done, eyes)
    return drawn


def _fill(drawn: EyeSet, index: int, seed: int) -> None:
    who = EyeIdentity.of(seed)
    where = Conditions.of(seed, who.skin)
    random = np.random.default_rng((seed, 1))
    placing = Placing(
        PATCH_PX,
        EYE_WIDTH_PX * float(random.uniform(0.93, 1.07)),
        (float(random.normal(0, 0.8)), float(random.normal(0, 0.8))),
        float(random.normal(0, 0.04)),
        _FINE,
    )
    drawn.covered[index] = len(where.covers) > 0
    for view, gaze in enumerate(_gazes(random, where.head_degrees)):
        eye = draw_scene(who, where, gaze, placing)
        image = developed(eye.image, where, placing.eye_width_px)
        drawn.clean[index, view] = as_planes(image)
        drawn.noisy[index, view] = transmitted(image, where, random)
        drawn.upper[index, view], drawn.lower[index, view] = lid_table(eye.upper), lid_table(eye.lower)
        drawn.iris[index, view] = eye.iris
        drawn.radius[index] = eye.radius_px


def _gazes(random: np.random.Generator, head_degrees: tuple[float, float]) -> Iterable[tuple[float, float]]:
    """Half of the views look about at the camera, half anywhere."""
    for view in range(VIEWS):
        if view % 2:
            yaw, pitch = random.normal(0, 6), random.normal(0, 5)
        else:
            yaw, pitch = random.uniform(-_MOST_YAW, _MOST_YAW), random.uniform(_LEAST_PITCH, _MOST_PITCH)
        yield (
            float(np.clip(yaw, head_degrees[0] - _MOST_TURN, head_degrees[0] + _MOST_TURN)),
            float(np.clip(pitch, head_degrees[1] - _MOST_TURN * 0.75, head_degrees[1] + _MOST_TURN * 0.6)),
        )


__all__ = ["VIEWS", "EyeSet", "Planes", "Report", "draw_set"]
