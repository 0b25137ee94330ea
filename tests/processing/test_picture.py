"""The picture: the person stays, the room goes, and whatever fails shows nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from picture_lab import (
    StillRuntime,
    captured,
    half_person,
    load_mask,
    room,
    scene,
    video_threads,
    wait_until,
    write_clip,
)

from eyeline.config.errors import ModelError
from eyeline.processing.backgrounds import Pace
from eyeline.processing.effects import EffectState, Exposure, People, parse_background
from eyeline.processing.errors import BackgroundError, MaskError, PictureError
from eyeline.processing.frame import CapturedFrame, I420Image
from eyeline.processing.framing_spec import Crop, Framing
from eyeline.processing.gallery import Gallery
from eyeline.processing.mask import PersonMask
from eyeline.processing.picture import Picture, PreparedEffects, needs_person
from eyeline.processing.sight import Sight
from eyeline.processing.tiers import Tier

SIZE = 640, 360


@pytest.fixture
def gallery(tmp_path: Path) -> Gallery:
    return Gallery(tmp_path / "backgrounds")


@pytest.fixture
def picture(gallery: Gallery) -> Iterator[Picture]:
    """A picture with the real net."""
    with Picture(load_mask, gallery) as picture:
        yield picture


def of_half(gallery: Gallery) -> tuple[Picture, StillRuntime]:
    """A picture that finds a person in the left half of every frame."""
    runtime = StillRuntime(half_person())
    return Picture(lambda: PersonMask(runtime), gallery), runtime


def wear(picture: Picture, background: str) -> None:
    picture.apply(picture.prepare(EffectState(parse_background(background))))


def shown(picture: Picture, image: I420Image, at_s: float = 0.0) -> I420Image:
    return picture.process(captured(image, at_s)).image


def distance(one: I420Image, other: I420Image, where: np.ndarray) -> float:
    """Mean colour distance, 0..441, of the pixels in `where`."""
    gap = one.to_bgr().astype(float) - other.to_bgr().astype(float)
    return float(np.sqrt((gap**2).sum(axis=2))[where].mean())


def test_the_person_is_there_and_the_room_is_gone(picture: Picture):
    wear(picture, "color:#10c060")
    green = I420Image.from_bgr(np.full((*SIZE[::-1], 3), (0x60, 0xC0, 0x10), np.uint8))
    for step in range(12):
        image, matte = scene(*SIZE, shift=0.2 * np.sin(step / 3))
        result = shown(picture, image)
        away = cv2.erode((matte < 0.01).astype(np.uint8), np.ones((25, 25))) > 0
        inside = cv2.erode((matte > 0.99).astype(np.uint8), np.ones((25, 25))) > 0
        assert distance(result, image, inside) < 8
        assert distance(result, green, away) < 2
        assert distance(result, image, away) > 100
        for corner in np.s_[:20, :20], np.s_[:20, -20:]:
            assert np.array_equal(result.y[corner], green.y[corner])
        for chroma, expected in ((result.u, green.u), (result.v, green.v)):
            assert np.array_equal(chroma[:10, :10], expected[:10, :10])


def test_another_background_is_there_at_the_next_frame(picture: Picture):
    image, _ = scene(*SIZE)
    tops = []
    for background in ("color:#ff0000", "studio", "color:#0000ff", "blur", "none"):
        wear(picture, background)
        assert str(picture.effects.background) == background.replace("blur", "blur:60")
        tops.append(shown(picture, image).to_bgr()[:40, :40].mean(axis=(0, 1)))
    for index, top in enumerate(tops):
        for other in tops[index + 1 :]:
            assert np.linalg.norm(top - other) > 2 or index == 3  # this wall, blurred, is this wall
    np.testing.assert_allclose(tops[0], (0, 0, 255), atol=4)
    np.testing.assert_allclose(tops[2], (255, 0, 0), atol=4)


def test_blur_takes_the_room_and_leaves_the_person(picture: Picture):
    _, matte = scene(*SIZE)
    board = room(*SIZE)
    rows, columns = np.mgrid[: SIZE[1], : SIZE[0]] // 6
    board[(rows + columns) % 2 == 1] //= 2
    person = scene(*SIZE)[0].to_bgr()
    image = I420Image.from_bgr(np.rint(person * matte[..., None] + board * (1 - matte[..., None])).astype(np.uint8))
    wear(picture, "blur")
    result = shown(picture, image)
    corner = np.s_[220:255, 10:80]
    assert image.y[corner].std() > 25
    assert result.y[corner].std() < 3
    inside = cv2.erode((matte > 0.99).astype(np.uint8), np.ones((31, 31))) > 0
    assert distance(result, image, inside) < 8


def test_a_person_in_front_of_a_moving_background(picture: Picture, tmp_path: Path):
    frames = [I420Image.filled(64, 36, (40 + 20 * n, 128, 128)) for n in range(5)]
    path = write_clip(tmp_path / "c.mp4", frames, rate=10)
    with Picture(load_mask, Gallery(tmp_path), pace=Pace.EXACT) as exact:
        wear(exact, str(path))
        image, _ = scene(*SIZE)
        got = [int(shown(exact, image, 5 + n / 10).y[5, 5]) for n in range(5)]
    assert got == [40, 60, 80, 100, 120]


def test_none_shows_the_frame_itself_and_loads_no_net(gallery: Gallery):
    def broken() -> PersonMask:
        raise MaskError("not wanted")

    image, _ = scene(*SIZE)
    with Picture(broken, gallery) as picture:
        for background in ("none", "blur:0"):
            wear(picture, background)
            assert np.array_equal(shown(picture, image).data, image.data)
        assert picture.times.mask_ms == 0


def test_the_capture_time_goes_through(gallery: Gallery):
    picture, _ = of_half(gallery)
    wear(picture, "color:#000000")
    assert picture.process(CapturedFrame(I420Image.filled(64, 36, (90, 128, 128)), 12.5)).captured_at_s == 12.5


def test_before_effects_and_after_the_end_there_is_no_picture(gallery: Gallery):
    picture, runtime = of_half(gallery)
    image = I420Image.filled(64, 36, (90, 128, 128))
    with picture:
        assert picture.effects is None
        with pytest.raises(PictureError):
            shown(picture, image)
        wear(picture, "blur")
        shown(picture, image)
    assert runtime.closed
    with pytest.raises(PictureError):
        shown(picture, image)


@pytest.mark.parametrize("background", ["blur", "color:#000000"])
def test_effects_that_lack_what_they_need_show_nothing(gallery: Gallery, background: str):
    picture, runtime = of_half(gallery)
    effects = EffectState(parse_background(background))
    image = I420Image.filled(64, 36, (90, 128, 128))
    picture.apply(PreparedEffects(effects, None, None))
    with pytest.raises(PictureError):
        shown(picture, image)
    picture.apply(PreparedEffects(EffectState(parse_background("color:#000000")), PersonMask(runtime), None))
    with pytest.raises(PictureError):
        shown(picture, image)


def test_a_poisoned_mask_shows_nothing_and_the_next_good_one_works(gallery: Gallery):
    picture, runtime = of_half(gallery)
    wear(picture, "color:#000000")
    image = I420Image.filled(64, 36, (200, 128, 128))
    good = shown(picture, image)
    for poison in (np.full((18, 32), np.nan, np.float32), np.full((18, 32), np.inf, np.float32)):
        runtime.mask = poison
        with pytest.raises(MaskError):
            shown(picture, image)
    runtime.mask = half_person()
    assert np.array_equal(shown(picture, image).data, good.data)


def test_a_net_that_fails_shows_nothing(gallery: Gallery):
    class Failing(StillRuntime):
        def run(self, tensor):
            raise ModelError("the net failed")

    with Picture(lambda: PersonMask(Failing(half_person())), gallery) as picture:
        for background in ("blur", "color:#000000", "dusk"):
            wear(picture, background)
            with pytest.raises(ModelError):
                shown(picture, I420Image.filled(64, 36, (200, 128, 128)))


def test_what_cannot_be_prepared_changes_nothing(gallery: Gallery, tmp_path: Path):
    picture, _ = of_half(gallery)
    image = I420Image.filled(64, 36, (200, 128, 128))
    wear(picture, "color:#000000")
    before = shown(picture, image)
    for background in ("no-such-name", str(tmp_path / "none.png")):
        with pytest.raises(BackgroundError):
            wear(picture, background)
    assert str(picture.effects.background) == "color:#000000"
    assert np.array_equal(shown(picture, image).data, before.data)


def test_without_weights_the_room_stays_hidden_and_the_background_is_let_go(gallery: Gallery, tmp_path: Path):
    def missing() -> PersonMask:
        raise ModelError("no weights")

    path = write_clip(tmp_path / "c.mp4", [I420Image.filled(64, 36, (90, 128, 128))] * 3)
    with Picture(missing, gallery) as picture:
        with pytest.raises(ModelError):
            wear(picture, str(path))
        wait_until(lambda: video_threads() == 0)
        with pytest.raises(PictureError):
            shown(picture, I420Image.filled(64, 36, (200, 128, 128)))


def test_a_replaced_video_stops(gallery: Gallery, tmp_path: Path):
    path = write_clip(tmp_path / "c.mp4", [I420Image.filled(64, 36, (90, 128, 128))] * 3)
    picture, _ = of_half(gallery)
    wait_until(lambda: video_threads() == 0)  # of the tests before
    with picture:
        wear(picture, str(path))
        assert video_threads() == 1
        wear(picture, "blur")
        wait_until(lambda: video_threads() == 0)
        picture.prepare(EffectState(parse_background(str(path)))).close()
        wait_until(lambda: video_threads() == 0)
        wear(picture, str(path))
    wait_until(lambda: video_threads() == 0)


def test_effects_that_come_after_the_end_are_let_go(gallery: Gallery, tmp_path: Path):
    path = write_clip(tmp_path / "c.mp4", [I420Image.filled(64, 36, (90, 128, 128))] * 3)
    runtime = StillRuntime(half_person())
    loading, may_load = threading.Event(), threading.Event()

    def slowly() -> PersonMask:
        loading.set()
        may_load.wait(30)
        return PersonMask(runtime)

    picture = Picture(slowly, gallery)
    failures: list[Exception] = []

    def late() -> None:
        try:
            wear(picture, str(path))
        except PictureError as error:
            failures.append(error)

    thread = threading.Thread(target=late)
    thread.start()
    assert loading.wait(30)
    picture.close()  # does not wait for the loading
    may_load.set()
    thread.join()
    assert len(failures) == 1
    assert runtime.closed
    picture.apply(PreparedEffects(EffectState(parse_background("none")), None, None))
    assert picture.effects is None
    wait_until(lambda: video_threads() == 0)


def test_the_size_may_change_on_the_way(picture: Picture):
    wear(picture, "dusk")
    for size in ((640, 360), (1280, 720), (360, 640), (640, 480), (640, 360)):
        image, matte = scene(*size)
        result = shown(picture, image)
        assert result.size == size
        inside = cv2.erode((matte > 0.99).astype(np.uint8), np.ones((31, 31))) > 0
        assert distance(result, image, inside) < 25
        assert distance(result, image, matte < 0.01) > 40


def test_effects_may_be_swapped_from_another_thread(gallery: Gallery):
    picture, _ = of_half(gallery)
    image = I420Image.filled(64, 36, (200, 128, 128))
    wear(picture, "color:#000000")
    failures: list[Exception] = []

    def swap() -> None:
        try:
            for index in range(60):
                wear(picture, ("color:#000000", "color:#ffffff", "blur:100")[index % 3])
        except Exception as error:
            failures.append(error)

    thread = threading.Thread(target=swap)
    thread.start()
    while thread.is_alive():
        right = int(shown(picture, image).y[18, 60])
        assert right in (16, 235, 200)  # wholly one of them
    thread.join()
    assert not failures


def test_after_a_while_without_a_mask_the_net_begins_anew(gallery: Gallery):
    picture, runtime = of_half(gallery)
    image = I420Image.filled(64, 36, (200, 128, 128))
    runtime.mask = np.full((18, 32), 0.5, np.float32)
    wear(picture, "color:#000000")
    shown(picture, image)
    wear(picture, "none")
    shown(picture, image)
    runtime.mask = np.full((18, 32), 0.55, np.float32)
    wear(picture, "color:#000000")
    after_pause = shown(picture, image)
    fresh, fresh_runtime = of_half(gallery)
    fresh_runtime.mask = runtime.mask
    wear(fresh, "color:#000000")
    assert np.array_equal(after_pause.data, shown(fresh, image).data)


def test_the_matte_comes_with_any_background(gallery: Gallery):
    picture, runtime = of_half(gallery)
    image = I420Image.filled(64, 36, (200, 128, 128))
    for background in ("none", "color:#000000"):
        wear(picture, background)
        processed, matte = picture.process_with_matte(captured(image))
        assert processed.image.size == matte.plane.shape[::-1]
        assert (matte.plane[:, :30] == 255).all()
        assert (matte.plane[:, 34:] == 0).all()
    assert len(runtime.seen) == 2


def test_times_are_taken_of_every_stage(gallery: Gallery):
    picture, _ = of_half(gallery)
    wear(picture, "blur")
    for _ in range(3):
        shown(picture, I420Image.filled(64, 36, (200, 128, 128)))
    times = picture.times
    parts = (times.mask_ms, times.refine_ms, times.background_ms, times.compose_ms)
    assert all(part > 0 for part in parts)
    assert sum(parts) <= times.total_ms


def test_camera_care_needs_no_net_unless_it_follows_the_person():
    room = parse_background("none")
    assert not needs_person(EffectState(room, mirror=True, framing=Framing(Crop(0, 0, 50, 50)), people=People.NEAREST))
    assert needs_person(EffectState(room, framing=Framing(follow=True)))
    assert needs_person(EffectState(room, exposure=Exposure.LIFT))
    assert needs_person(EffectState(parse_background("blur:1")))


def test_mirror_and_crop_show_the_camera_and_not_the_background_the_other_way(gallery: Gallery):
    picture, _ = of_half(gallery)
    image, _ = scene(*SIZE)
    picture.apply(picture.prepare(EffectState(parse_background("none"), mirror=True)))
    assert np.array_equal(shown(picture, image).y, image.y[:, ::-1])
    wall = parse_background("shelves") if "shelves" in gallery.names() else parse_background(gallery.names()[0])
    picture.apply(picture.prepare(EffectState(wall)))
    behind = shown(picture, image).y[:, 340:]
    picture.apply(picture.prepare(EffectState(wall, mirror=True)))
    mirrored = shown(picture, image).y
    assert np.array_equal(mirrored[:, 340:], behind)
    assert np.array_equal(mirrored[:, :300], image.y[:, ::-1][:, :300])
    picture.apply(picture.prepare(EffectState(parse_background("none"), framing=Framing(Crop(50, 0, 50, 100)))))
    assert np.array_equal(shown(picture, image).y, image.y[:, 320:])


def test_turning_the_picture_forgets_where_the_person_was(gallery: Gallery):
    picture, runtime = of_half(gallery)
    image = I420Image.filled(64, 36, (200, 128, 128))
    runtime.mask = np.full((18, 32), 0.5, np.float32)
    wear(picture, "color:#000000")
    shown(picture, image)
    runtime.mask = np.full((18, 32), 0.55, np.float32)
    black = parse_background("color:#000000")
    picture.apply(picture.prepare(EffectState(black, mirror=True)))
    turned = shown(picture, image)
    fresh, fresh_runtime = of_half(gallery)
    fresh_runtime.mask = runtime.mask
    fresh.apply(fresh.prepare(EffectState(black, mirror=True)))
    assert np.array_equal(turned.data, shown(fresh, image).data)


def test_a_followed_person_is_shown_larger_and_the_room_still_gone(picture: Picture):
    def follow(background: str) -> None:
        picture.apply(picture.prepare(EffectState(parse_background(background), framing=Framing(follow=True))))

    person, true = scene(1280, 720)
    bgr, matte = room(1280, 720), np.zeros((720, 1280), np.float32)
    bgr[360:, 640:] = cv2.resize(person.to_bgr(), (640, 360), interpolation=cv2.INTER_AREA)
    matte[360:, 640:] = cv2.resize(true, (640, 360), interpolation=cv2.INTER_AREA)
    image = I420Image.from_bgr(bgr)
    follow("color:#10c060")
    for number in range(200):
        result = shown(picture, image, number / 30)
    follow("none")
    camera = shown(picture, image, 200 / 30)
    assert camera.size == result.size == (640, 360)
    _, match, _, (left, top) = cv2.minMaxLoc(cv2.matchTemplate(image.y, camera.y, cv2.TM_CCOEFF_NORMED))
    assert match == pytest.approx(1.0, abs=1e-4)
    matte = matte[top : top + 360, left : left + 640]
    assert matte.mean() > 0.1
    green = I420Image.from_bgr(np.full((360, 640, 3), (0x60, 0xC0, 0x10), np.uint8))
    inside = cv2.erode((matte > 0.99).astype(np.uint8), np.ones((25, 25))) > 0
    away = cv2.erode((matte < 0.01).astype(np.uint8), np.ones((61, 61))) > 0
    assert distance(result, camera, inside) < 12
    assert distance(result, green, away) < 3


def test_a_framed_picture_keeps_its_background_whole(gallery: Gallery):
    picture, runtime = of_half(gallery)
    runtime.mask = np.zeros((18, 32), np.float32)
    runtime.mask[6:, 12:16] = 1
    background = parse_background("color:#0000ff")
    picture.apply(picture.prepare(EffectState(background, framing=Framing(follow=True))))
    sizes = {shown(picture, I420Image.filled(640, 360, (90, 128, 128)), number / 30).size for number in range(200)}
    assert sizes == {(640, 360), (320, 180)}


def test_a_dark_person_is_lifted_and_the_background_is_not(gallery: Gallery):
    picture, _ = of_half(gallery)
    picture.apply(picture.prepare(EffectState(parse_background("color:#404040"), exposure=Exposure.LIFT)))
    dark = I420Image.filled(640, 360, (50, 128, 128))
    first = shown(picture, dark)
    for number in range(240):
        last = shown(picture, dark, number / 30)
    assert first.y[180, 100] == 50
    assert last.y[180, 100] > 75
    assert last.y[180, 500] == first.y[180, 500]


def test_what_is_off_changes_no_sample(picture: Picture):
    image, _ = scene(*SIZE)
    wear(picture, "studio")
    before = shown(picture, image)
    picture.apply(picture.prepare(EffectState(parse_background("studio"), True, Framing(follow=True), Exposure.LIFT)))
    shown(picture, image)
    with Picture(load_mask, Gallery()) as fresh:
        wear(fresh, "studio")
        assert np.array_equal(shown(fresh, image).data, before.data)
    wear(picture, "studio")
    assert np.array_equal(shown(picture, image).data, before.data)


def test_the_status_says_what_is_seen_and_how_masks_are_made(gallery: Gallery):
    picture, runtime = of_half(gallery)
    image = I420Image.filled(64, 36, (200, 128, 128))
    assert picture.status.sight is Sight.NOT_LOOKED
    wear(picture, "blur")
    shown(picture, image)
    assert picture.status.sight is Sight.PERSON
    runtime.mask = np.zeros((18, 32), np.float32)
    for number in range(9):
        shown(picture, I420Image.filled(64, 36, (16, 128, 128)), number / 30)
    assert picture.status.sight is Sight.DARK
    assert (picture.status.tier, picture.status.why) == (Tier.CLOSE, "it was asked for")
    wear(picture, "none")
    shown(picture, image)
    assert picture.status.sight is Sight.NOT_LOOKED


@pytest.mark.parametrize("tier", list(Tier))
def test_every_tier_makes_a_picture_of_every_frame(gallery: Gallery, tier: Tier):
    with Picture(load_mask, gallery, tier=tier) as picture:
        wear(picture, "color:#10c060")
        green = I420Image.from_bgr(np.full((*SIZE[::-1], 3), (0x60, 0xC0, 0x10), np.uint8))
        for step in range(12):
            image, matte = scene(*SIZE, shift=0.01 * step)
            result = shown(picture, image, step / 30)
            away = cv2.erode((matte < 0.01).astype(np.uint8), np.ones((25, 25))) > 0
            inside = cv2.erode((matte > 0.99).astype(np.uint8), np.ones((25, 25))) > 0
            assert distance(result, green, away) < 2
            assert distance(result, image, inside) < 10
