"""What cameras also show, and what backgrounds also are: the picture stays calm and tells."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from picture_lab import StillRuntime, captured, half_person, load_mask, room, scene, wait_until, write_clip

from eyeline.processing.effects import EffectState, Exposure, People, parse_background
from eyeline.processing.frame import I420Image
from eyeline.processing.framing_spec import Framing
from eyeline.processing.gallery import Gallery
from eyeline.processing.mask import PersonMask
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


@pytest.mark.parametrize("tier", list(Tier))
def test_an_empty_room_is_nobody_and_stays_hidden(tier: Tier):
    found, sights = mattes(noisy(room(*SIZE), 12), tier)
    assert set(sights) == {Sight.NOBODY}
    assert max(matte.mean() for matte in found) < 0.5  # of 255
    assert flicker(found) < 1e-3


@pytest.mark.parametrize(
    ("size", "tier"),
    [
        *(((16, 16), tier) for tier in Tier),
        ((2, 2), Tier.CLOSE),
        ((3840, 2160), Tier.CLOSE),
        ((2160, 3840), Tier.CLOSE_HALF),
        ((3840, 2160), Tier.FINDER_HALF),
    ],
)
def test_tiny_and_huge_pictures_with_everything_on(size: tuple[int, int], tier: Tier):
    image = scene(*size)[0] if size[0] > 1000 else I420Image.filled(*size, (90, 120, 140))
    with Picture(load_mask, Gallery(), tier=tier) as picture:
        for background in ("blur:100", "dusk"):
            plain = EffectState(parse_background(background))
            cared = EffectState(
                parse_background(background), True, Framing(follow=True), Exposure.LIFT, People.NEAREST, 100
            )
            for effects in (plain, cared):
                picture.apply(picture.prepare(effects))
                shown = [picture.process(captured(image, number / 30)).image for number in range(3)]
                assert {one.size for one in shown} == {size}
        assert (picture.status.sight is Sight.PERSON) == (size[0] > 1000)


def test_a_background_video_that_is_damaged_inside_goes_on_and_says_so(tmp_path: Path):
    random = np.random.default_rng(1)
    path = write_clip(
        tmp_path / "waves.mp4",
        [I420Image.from_bgr(random.integers(0, 200, (90, 160, 3)).astype(np.uint8)) for _ in range(10)],
        options={"g": "5", "qp": "0"},
    )
    content = bytearray(path.read_bytes())
    begin = len(content) // 5
    content[begin : begin * 2] = random.integers(0, 256, begin, np.uint8).tobytes()
    path.write_bytes(content)
    bright = I420Image.filled(320, 180, (235, 128, 128))
    with Picture(lambda: PersonMask(StillRuntime(half_person())), Gallery()) as picture:
        picture.apply(picture.prepare(EffectState(parse_background(str(path)))))

        def told() -> bool:
            assert picture.process(captured(bright)).image.y[:, 200:].mean() < 190
            return "waves.mp4" in picture.trouble

        wait_until(told)


def test_a_gallery_file_that_is_deleted_while_shown_changes_no_sample(tmp_path: Path):
    cv2.imwrite(str(tmp_path / "wall.png"), np.random.default_rng(1).integers(0, 256, (90, 160, 3)).astype(np.uint8))
    image = scene(*SIZE)[0]
    with Picture(lambda: PersonMask(StillRuntime(half_person())), Gallery(tmp_path)) as picture:
        picture.apply(picture.prepare(EffectState(parse_background("wall"))))
        before = picture.process(captured(image)).image.data.copy()
        (tmp_path / "wall.png").unlink()

        def told() -> bool:
            assert np.array_equal(picture.process(captured(image)).image.data, before)
            return "wall.png is gone" in picture.trouble

        wait_until(told)
