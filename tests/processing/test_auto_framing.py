"""Following the person: seldom, smoothly, inside the picture, and never enlarged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import cv2
import numpy as np
import pytest

from eyeline.processing.auto_framing import AutoFraming, View, framed_image, framed_mask
from eyeline.processing.frame import I420Image
from eyeline.processing.pyramid import grid_size
from eyeline.processing.segmenter import Mask

SIZE = 1280, 720
WHOLE = View(0, 0, *SIZE, SIZE, still=True)
NOBODY = np.zeros((180, 320), np.float32)


def body(x: float = 0.5, head: float = 0.25, *, scale: float = 1.0, arm_to: tuple[int, int] | None = None) -> Mask:
    """Head and shoulders, 0.31 wide at the scale 1, and an arm."""
    mask = np.zeros((180, 320), np.float32)
    middle, top, radius = round(320 * x), round(180 * head), round(22 * scale)
    cv2.ellipse(mask, (middle, top + radius), (round(radius * 0.8), radius), 0, 0, 360, 1.0, -1)
    cv2.rectangle(mask, (middle - round(50 * scale), top + 2 * radius), (middle + round(50 * scale), 179), 1.0, -1)
    if arm_to is not None:
        cv2.line(mask, (middle + round(45 * scale), 120), arm_to, 1.0, 12)
    return mask


class Shoot:
    """Thirty masks a second for a camera operator."""

    def __init__(self, size_px: tuple[int, int] = SIZE, rate_hz: float = 30) -> None:
        self.framing = AutoFraming()
        self.size_px = size_px
        self.rate_hz = rate_hz
        self.frame = 0
        self.views: list[View] = []

    def show(self, seconds: float, mask_at: Callable[[float], Mask] | Mask, face: float | None = None) -> list[View]:
        """The views of so many seconds."""
        views = []
        for number in range(round(seconds * self.rate_hz)):
            mask = mask_at if isinstance(mask_at, np.ndarray) else mask_at(number / self.rate_hz)
            views.append(self.framing.follow(mask, self.size_px, self.frame / self.rate_hz, face))
            self.frame += 1
        self.views += views
        return views


@pytest.fixture
def shoot() -> Iterator[Shoot]:
    """Whatever happens, nothing outside of the picture is shown and nothing is enlarged."""
    shoot = Shoot()
    yield shoot
    for view in shoot.views:
        assert 0 <= view.left_px <= view.left_px + view.width_px <= SIZE[0] + 1e-6
        assert 0 <= view.top_px <= view.top_px + view.height_px <= SIZE[1] + 1e-6
        assert view.size_px[0] <= view.width_px + 1e-6
        assert view.size_px[1] <= view.height_px + 1e-6
        assert view.size_px[0] % 2 == view.size_px[1] % 2 == 0


def test_it_comes_closer_to_a_person_far_away(shoot: Shoot):
    assert shoot.show(1.5, body(scale=0.5, head=0.3)) == [WHOLE] * 45
    last = shoot.show(6, body(scale=0.5, head=0.3))[-1]
    assert last.still
    assert last.size_px == (640, 360)
    assert last.left_px == pytest.approx(320, abs=10)
    assert last.top_px + 0.1 * 360 < 0.3 * 720 < last.top_px + 0.25 * 360  # some room above the head


def test_a_person_who_fills_the_picture_is_left_alone(shoot: Shoot):
    assert set(shoot.show(10, body(scale=2.2, head=0.1))) == {WHOLE}


def test_hands_move_nothing(shoot: Shoot):
    shoot.show(8, body(scale=0.8))

    def waving(at_s: float) -> Mask:
        angle = 4 * at_s
        return body(scale=0.8, arm_to=(round(230 + 40 * np.sin(angle)), round(70 + 60 * np.cos(angle))))

    views = set(shoot.show(12, waving))
    assert len(views) == 1
    assert views.pop().size_px == (640, 360)


def test_a_face_says_who_of_several_is_meant(shoot: Shoot):
    two = np.maximum(body(0.4, scale=0.4), body(0.6, scale=0.4))
    both = shoot.show(6, two)[-1]
    assert abs(both.left_px + both.width_px / 2 - 640) < 0.05 * 1280
    owner = shoot.show(6, two, face=0.6)[-1]
    assert owner.still
    assert owner.size_px == both.size_px
    assert owner.left_px + owner.width_px / 2 == pytest.approx(0.6 * 1280, abs=8)


def test_swaying_and_a_trembling_mask_move_nothing(shoot: Shoot):
    shoot.show(8, body(scale=0.5))
    rng = np.random.default_rng(4)

    def swaying(at_s: float) -> Mask:
        x = 0.5 + 0.02 * np.sin(2 * at_s) + rng.normal(0, 0.003)
        return body(x, 0.25 + rng.normal(0, 0.005), scale=0.5 + rng.normal(0, 0.01))

    assert len(set(shoot.show(12, swaying))) == 1


def test_it_follows_aside_smoothly(shoot: Shoot):
    shoot.show(8, body(scale=0.5))
    views = shoot.show(6, body(0.75, scale=0.5))
    lefts = [view.left_px for view in views]
    assert lefts[-1] == pytest.approx(640, abs=20)
    steps = np.diff(lefts)
    assert (steps >= -1e-6).all()  # never swings back
    assert steps.max() < 25
    assert np.abs(np.diff(steps)).max() < 6  # and never jerks
    assert {view.size_px for view in views} == {(640, 360)}


def test_it_goes_wide_for_a_person_who_comes_closer_and_changes_size_once(shoot: Shoot):
    shoot.show(8, body(scale=0.5))
    views = shoot.show(8, body(scale=1.8, head=0.1))
    assert views[-1] == WHOLE
    assert sum(one.size_px != other.size_px for one, other in pairwise(views)) == 1
    assert max(other.width_px - one.width_px for one, other in pairwise(views)) < 30


def test_it_does_not_open_up_when_nobody_is_there(shoot: Shoot):
    before = shoot.show(8, body(scale=0.5))[-1]
    assert set(shoot.show(30, NOBODY)) == {before}


def test_who_comes_back_elsewhere_is_found(shoot: Shoot):
    shoot.show(8, body(0.3, scale=0.5))
    shoot.show(3, NOBODY)
    assert shoot.show(6, body(0.7, scale=0.5))[-1].left_px > 500


def test_changing_ones_mind_on_the_way_does_no_harm(shoot: Shoot):
    rng = np.random.default_rng(9)
    for _ in range(40):
        shoot.show(rng.uniform(0.2, 3.5), body(rng.uniform(0.2, 0.8), rng.uniform(0, 0.5), scale=rng.uniform(0.3, 2)))
    assert len({view.size_px for view in shoot.views}) == 3


@pytest.mark.parametrize("rate_hz", [1, 5, 60])
def test_the_rate_of_the_source_does_not_matter(rate_hz: float):
    shoot = Shoot(rate_hz=rate_hz)
    assert shoot.show(14, body(scale=0.5))[-1].size_px == (640, 360)


def test_another_size_begins_anew():
    shoot = Shoot()
    shoot.show(8, body(scale=0.5))
    shoot.size_px = (640, 360)
    assert shoot.show(0.1, body(scale=0.5))[0] == View(0, 0, 640, 360, (640, 360), still=True)


@pytest.mark.parametrize("size", [(2, 2), (16, 16), (160, 90), (322, 182), (4096, 2160), (720, 1280)])
def test_pictures_of_every_shape_are_taken(size: tuple[int, int]):
    shoot = Shoot(size)
    image, grid = I420Image.filled(*size, (90, 128, 128)), grid_size(*size)
    mask = np.asarray(cv2.resize(body(scale=0.5), grid, interpolation=cv2.INTER_AREA), np.float32)
    for view in shoot.show(4, mask)[::7]:
        seen = framed_image(image, view)
        assert (seen.data == image.data[0]).sum() == seen.width_px * seen.height_px
        assert framed_mask(mask, view, size).shape == grid_size(*seen.size)[::-1]


def ramps() -> I420Image:
    """Luma says where it is across, the chromas down."""
    image = I420Image.empty(*SIZE)
    image.y[:] = np.rint(np.linspace(0, 255, SIZE[0]))
    image.u[:] = np.rint(np.linspace(0, 255, SIZE[1] // 2))[:, None]
    image.v[:] = image.u
    return image


def test_all_of_a_picture_is_the_picture_itself():
    image = ramps()
    mask = body()
    assert framed_image(image, WHOLE) is image
    assert framed_mask(mask, WHOLE, SIZE) is mask


def test_a_still_view_is_cut_out_to_the_sample():
    seen = framed_image(ramps(), View(320, 180, 640, 360, (640, 360), still=True))
    assert np.array_equal(seen.y, ramps().y[180:540, 320:960])
    assert np.array_equal(seen.u, ramps().u[90:270, 160:480])


@pytest.mark.parametrize("size_px", [(640, 360), (960, 540)])
def test_a_moving_view_is_where_it_says(size_px: tuple[int, int]):
    view = View(130.7, 71.3, 970.0, 545.6, size_px, still=False)
    seen = framed_image(ramps(), view)
    across = (np.arange(size_px[0]) + 0.5) / size_px[0] * view.width_px + view.left_px - 0.5
    np.testing.assert_allclose(seen.y[100], across / (SIZE[0] - 1) * 255, atol=1.1)
    down = ((np.arange(size_px[1] // 2) + 0.5) / (size_px[1] // 2) * view.height_px + view.top_px) / 2 - 0.5
    np.testing.assert_allclose(seen.u[:, 50], down / (SIZE[1] // 2 - 1) * 255, atol=1.1)


def test_a_moving_mask_is_where_it_says():
    ramp = np.tile(np.arange(320, dtype=np.float32), (180, 1))
    view = View(130.7, 71.3, 970.0, 545.6, (640, 360), still=False)
    seen = framed_mask(ramp, view, SIZE)
    across = ((np.arange(320) + 0.5) / 320 * view.width_px + view.left_px) / 4 - 0.5
    np.testing.assert_allclose(seen[90], across, atol=0.05)


@pytest.mark.parametrize("still", [True, False])
def test_picture_and_mask_are_cut_alike(still: bool):
    matte = np.asarray(cv2.resize(body(), SIZE, interpolation=cv2.INTER_LINEAR), np.float32)
    image = I420Image.filled(*SIZE, (0, 128, 128))
    image.y[:] = np.rint(matte * 255)
    view = View(300, 100, 640, 360, (640, 360), still=still)
    seen, mask = framed_image(image, view), framed_mask(body(), view, SIZE)
    small = cv2.resize(seen.y, mask.shape[::-1], interpolation=cv2.INTER_AREA) / 255
    assert np.abs(small - mask).mean() < 0.01
