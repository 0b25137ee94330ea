"""What cameras also show: posters, a hand, darkness, one frame a second. The picture stays calm and tells."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from picture_lab import captured, load_mask, room, scene

from eyeline.processing.effects import EffectState, parse_background
from eyeline.processing.frame import I420Image
from eyeline.processing.gallery import Gallery
from eyeline.processing.picture import Picture
from eyeline.processing.sight import Sight
from eyeline.processing.tiers import Tier

SIZE = 640, 360
SKIN = (120, 150, 205)


def noisy(bgr: NDArray[np.uint8], count: int) -> list[I420Image]:
    """A camera's view of something that does not move."""
    random = np.random.default_rng(1)
    views = (bgr + random.normal(0, 3, bgr.shape) for _ in range(count))
    return [I420Image.from_bgr(np.clip(view, 0, 255).astype(np.uint8)) for view in views]


def poster(side_px: int) -> NDArray[np.uint8]:
    """A framed portrait on the wall of an empty room."""
    bgr = room(*SIZE)
    portrait = scene(*SIZE)[0].to_bgr()[30:, 140:470]
    bgr[60 : 60 + side_px, 420 : 420 + side_px] = cv2.resize(portrait, (side_px, side_px), interpolation=cv2.INTER_AREA)
    cv2.rectangle(bgr, (417, 57), (423 + side_px, 63 + side_px), (20, 20, 20), 4)
    return bgr


def hand(scale: float) -> NDArray[np.uint8]:
    """A hand held up from below."""
    bgr = room(*SIZE)
    palm = 384, 252
    cv2.ellipse(bgr, palm, (round(40 * scale), round(50 * scale)), 0, 0, 360, SKIN, -1)
    for degrees in (-60, -30, -8, 12, 35):
        reach = 95 * scale * np.array((np.sin(np.radians(degrees)), -np.cos(np.radians(degrees))))
        tip = round(palm[0] + reach[0]), round(palm[1] + reach[1])
        cv2.line(bgr, palm, tip, SKIN, round(18 * scale))
    cv2.line(bgr, palm, (palm[0] + 40, SIZE[1] + 40), SKIN, round(60 * scale))
    return np.asarray(cv2.GaussianBlur(bgr, (0, 0), 1.2), np.uint8)


def mattes(images: Sequence[I420Image], tier: Tier, rate_hz: float = 30) -> tuple[list[NDArray[np.uint8]], list[Sight]]:
    """Of each frame, with what the status said."""
    found, sights = [], []
    with Picture(load_mask, Gallery(), tier=tier) as picture:
        picture.apply(picture.prepare(EffectState(parse_background("color:#204060"))))
        for number, image in enumerate(images):
            found.append(picture.process_with_matte(captured(image, number / rate_hz))[1].plane)
            sights.append(picture.status.sight)
    return found, sights


def flicker(found: Sequence[NDArray[np.uint8]]) -> float:
    """The mean change from frame to frame, as a share of the picture."""
    return float(np.mean([cv2.absdiff(before, after).mean() / 255 for before, after in pairwise(found)]))


@pytest.mark.parametrize("tier", list(Tier))
@pytest.mark.parametrize("side_px", [90, 160])
def test_a_poster_does_not_flicker(tier: Tier, side_px: int):
    found, sights = mattes(noisy(poster(side_px), 24), tier)
    assert flicker(found[4:]) < 4e-3
    assert len(list(groupby(sights[4:]))) == 1
    wall = [matte[:, :380].mean() for matte in found]
    assert max(wall) < 3  # of 255


@pytest.mark.parametrize("tier", list(Tier))
@pytest.mark.parametrize("scale", [1.0, 1.8])
def test_a_hand_alone_does_not_flicker(tier: Tier, scale: float):
    found, sights = mattes(noisy(hand(scale), 24), tier)
    assert flicker(found[8:]) < 1.2e-2
    assert len(list(groupby(sights[4:]))) == 1


@pytest.mark.parametrize("tier", list(Tier))
def test_at_one_frame_a_second_every_frame_is_seen_for_itself(tier: Tier):
    random = np.random.default_rng(1)
    shifts = random.uniform(-0.2, 0.2, 10)
    scenes = [scene(*SIZE, shift=float(shift)) for shift in shifts]
    found, _ = mattes([image for image, _ in scenes], tier, rate_hz=1)
    for matte, (_, true) in zip(found, scenes, strict=True):
        assert ((matte > 127) & (true > 0.5)).sum() / ((matte > 127) | (true > 0.5)).sum() > 0.8


@pytest.mark.parametrize("tier", list(Tier))
def test_darkness_and_light_are_told_and_the_person_is_there_at_once_after_them(tier: Tier):
    image, true = scene(*SIZE)
    dark, white = I420Image.filled(*SIZE, (16, 128, 128)), I420Image.filled(*SIZE, (235, 128, 128))
    found, sights = mattes([image] * 3 + [dark] * 3 + [image] * 3 + [white] * 3 + [image] * 3, tier)
    assert [sight for sight, _ in groupby(sights)] == [
        *(Sight.PERSON, Sight.DARK, Sight.PERSON, Sight.WHITE, Sight.PERSON)
    ]
    for number in (0, 6, 12):
        assert ((found[number] > 127) & (true > 0.5)).sum() > 0.85 * (true > 0.5).sum()
    for number in (3, 9):
        assert not found[number].any()


def test_a_person_in_the_dark_is_still_a_person():
    bgr = scene(*SIZE)[0].to_bgr() * 0.2
    found, sights = mattes(noisy(bgr.astype(np.uint8), 16), Tier.CLOSE)
    assert set(sights) == {Sight.PERSON}
    assert flicker(found[6:]) < 1e-2
