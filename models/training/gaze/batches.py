"""Pairs of views as tensors: what the net sees, and what should come of it. Imports torch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from eyeline.models.nets import eye_patch as patch
from eyeline.models.nets.eye_flow import seen_by_net
from eyeline.models.training.gaze.eye_set import VIEWS, EyeSet

_NODES = 9  # points of a lid, each of which is measured for itself
_WIDTH, _HEIGHT = patch.PATCH_PX
_COVERED_NOISE = 3.0
_UNMOVED = 0.08  # of all pairs


@dataclass(frozen=True, slots=True)
class Noise:
    """Of landmarks, as standard deviations.

    Args:
        iris_px: In pixels of the patch.
        lid_px: Of each point of a lid.
        bias_px: Of a whole lid, which the mesh holds to be elsewhere.
        radius: Of the iris, of itself.
    """

    iris_px: float = 0.6
    lid_px: float = 0.4
    bias_px: float = 0.6
    radius: float = 0.06


@dataclass(frozen=True, slots=True)
class Batch:
    """Some pairs.

    Args:
        seen: The net's input.
        shift_px: Of the iris: `(batch, 2)`.
        luma: Before: 0..1, `(batch, 1, 48, 64)`.
        chroma: Before: -1..1, `(batch, 2, 24, 32)`.
        wanted_luma: After, without noise.
        wanted_chroma: After, without noise.
        before_luma: As `luma`, without noise.
        covered: Whether something is before the eye: `(batch,)`.
    """

    seen: Tensor
    shift_px: Tensor
    luma: Tensor
    chroma: Tensor
    wanted_luma: Tensor
    wanted_chroma: Tensor
    before_luma: Tensor
    covered: Tensor


def batches(
    eyes: EyeSet, size: int, random: np.random.Generator, noise: Noise, *, vary: bool = True
) -> Iterator[Batch]:
    """Without end.

    Args:
        eyes: To choose from.
        size: Pairs in a batch.
        random: Chooses.
        noise: Of the landmarks.
        vary: Mirror pairs, change their light and colour, and leave a few unmoved.
    """
    while True:
        which = random.integers(0, len(eyes.radius), size)
        before = random.integers(0, VIEWS, size)
        after = (before + random.integers(1, VIEWS, size)) % VIEWS
        if vary:
            after = np.where(random.random(size) < _UNMOVED, before, after)
        yield _batch(eyes, which, before, after, random, noise, vary=vary)


def _batch(
    eyes: EyeSet,
    which: NDArray[np.int64],
    before: NDArray[np.int64],
    after: NDArray[np.int64],
    random: np.random.Generator,
    noise: Noise,
    *,
    vary: bool,
) -> Batch:
    worse = np.where(eyes.covered[which], _COVERED_NOISE, 1.0).astype(np.float32)[:, None]
    size = len(which)
    iris = eyes.iris[which, before] + worse * random.normal(0, noise.iris_px, (size, 2)).astype(np.float32)
    shift = eyes.iris[which, after] - iris
    radius = eyes.radius[which] * (1 + random.normal(0, noise.radius, size).astype(np.float32))
    lids = [heights[which, before] + worse * _lid_noise(size, random, noise) for heights in (eyes.upper, eyes.lower)]
    pictures = [_planes(planes) for planes in (
        eyes.noisy[which, before], eyes.clean[which, after], eyes.clean[which, before]
    )]  # fmt: skip
    if vary:
        mirrored = random.random(size) < 0.5
        iris[mirrored, 0] = _WIDTH - 1 - iris[mirrored, 0]
        shift[mirrored, 0] *= -1
        for heights in lids:
            heights[mirrored] = heights[mirrored, ::-1]
        for planes in (plane for pair in pictures for plane in pair):
            planes[mirrored] = planes[mirrored, :, :, ::-1]
        gain, lift = random.uniform(0.7, 1.2, (size, 1, 1, 1)), random.uniform(-0.06, 0.08, (size, 1, 1, 1))
        hue = random.normal(0, 0.04, (size, 2, 1, 1))
        pictures = [
            (
                luma * gain.astype(np.float32) + lift.astype(np.float32),
                chroma * gain.astype(np.float32) + hue.astype(np.float32),
            )
            for luma, chroma in pictures
        ]
    (luma, chroma), (wanted_luma, wanted_chroma), (before_luma, _) = [
        (torch.from_numpy(one), torch.from_numpy(other)) for one, other in pictures
    ]
    shift_px = torch.from_numpy(shift)
    upper, lower = (torch.from_numpy(heights) for heights in lids)
    seen = seen_by_net(luma, chroma, upper, lower, torch.from_numpy(iris), torch.from_numpy(radius), shift_px)
    return Batch(
        seen, shift_px, luma, chroma, wanted_luma, wanted_chroma, before_luma, torch.from_numpy(eyes.covered[which])
    )


def _lid_noise(size: int, random: np.random.Generator, noise: Noise) -> NDArray[np.float32]:
    """Of points that are measured each for itself, and of all of them together."""
    nodes = random.normal(0, noise.lid_px, (size, _NODES)) + random.normal(0, noise.bias_px, (size, 1))
    half = patch.EYE_WIDTH_PX / 2
    at = np.clip((patch.COLUMNS_PX - (_WIDTH - 1) / 2) / half, -1, 1) * ((_NODES - 1) / 2) + (_NODES - 1) / 2
    left = np.minimum(at.astype(int), _NODES - 2)
    share = at - left
    return np.asarray(nodes[:, left] * (1 - share) + nodes[:, left + 1] * share, np.float32)


def _planes(packed: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    size = len(packed)
    luma = packed[:, :_HEIGHT].reshape(size, 1, _HEIGHT, _WIDTH).astype(np.float32)
    chroma = packed[:, _HEIGHT:].reshape(size, 2, _HEIGHT // 2, _WIDTH // 2).astype(np.float32)
    luma = (luma - np.float32(patch.LUMA_BLACK)) / np.float32(patch.LUMA_RANGE)
    return luma, (chroma - np.float32(patch.CHROMA_GREY)) / np.float32(patch.CHROMA_RANGE)
