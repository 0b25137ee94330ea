"""The background's light on the person's edge: there and nowhere else, and only where it is light."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from picture_lab import StillRuntime, captured

from eyeline.processing.effects import EffectState, parse_background
from eyeline.processing.frame import I420Image
from eyeline.processing.gallery import Gallery
from eyeline.processing.mask import PersonMask
from eyeline.processing.picture import Picture

SIZE = 640, 360
GREY = I420Image.filled(*SIZE, (100, 128, 128))


def person() -> np.ndarray:
    mask = np.zeros((36, 64), np.float32)
    mask[8:, 20:44] = 1
    return mask


@pytest.fixture
def picture(tmp_path: Path) -> Iterator[Picture]:
    with Picture(lambda: PersonMask(StillRuntime(person())), Gallery(tmp_path)) as picture:
        yield picture


def shown(picture: Picture, background: str, light_wrap: int) -> I420Image:
    picture.apply(picture.prepare(EffectState(parse_background(background), light_wrap=light_wrap)))
    return picture.process(captured(GREY)).image


def test_light_falls_on_the_edge_and_fades_inwards(picture: Picture):
    plain, lit = shown(picture, "color:#ffffff", 0), shown(picture, "color:#ffffff", 100)
    row = lit.y[250].astype(int)
    assert row[205] > 100 + 15
    assert row[205] > row[211] > row[217] >= 100
    assert row[320] == 100
    assert np.array_equal(lit.y[:, 300:340][200:], plain.y[:, 300:340][200:])
    assert np.array_equal(lit.y[:, :150], plain.y[:, :150])
    assert np.array_equal(lit.u[:, :75], plain.u[:, :75])


def test_more_of_it_is_brighter_and_none_is_the_picture_as_it_was(picture: Picture):
    off = shown(picture, "color:#ffffff", 0)
    sums = [int(shown(picture, "color:#ffffff", strength).y.sum()) for strength in (1, 30, 60, 100)]
    assert int(off.y.sum()) <= sums[0] < sums[1] < sums[2] < sums[3]
    assert np.array_equal(shown(picture, "color:#ffffff", 0).data, off.data)


def test_darkness_sheds_no_light_and_makes_nobody_darker(picture: Picture):
    assert np.array_equal(shown(picture, "color:#000000", 100).data, shown(picture, "color:#000000", 0).data)
    plain, lit = shown(picture, "color:#303030", 0), shown(picture, "color:#303030", 100)
    assert (lit.y >= plain.y).all()


def test_light_has_the_colour_of_the_background(picture: Picture):
    row = 125
    warm, cold = shown(picture, "color:#ffd060", 100), shown(picture, "color:#a0d0ff", 100)
    assert warm.u[row, 103] < 128 - 3
    assert cold.u[row, 103] > 128 + 3


def test_another_background_sheds_its_own_light(picture: Picture):
    white, again = shown(picture, "color:#ffffff", 100), shown(picture, "color:#000000", 100)
    assert white.y[250, 205] > 110
    assert again.y[250, 205] <= 100


@pytest.mark.parametrize("background", ["none", "blur:0"])
def test_in_ones_own_room_there_is_nothing_to_match(picture: Picture, background: str):
    assert shown(picture, background, 100) is GREY


@pytest.mark.parametrize("size", [(16, 16), (2, 2), (320, 1000)])
def test_any_size_can_be_lit(tmp_path: Path, size: tuple[int, int]):
    with Picture(lambda: PersonMask(StillRuntime(person())), Gallery(tmp_path)) as picture:
        picture.apply(picture.prepare(EffectState(parse_background("color:#ffffff"), light_wrap=100)))
        image = I420Image.filled(*size, (100, 128, 128))
        assert picture.process(captured(image)).image.size == size


def test_where_it_is_off_nothing_of_it_runs(picture: Picture, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object) -> None:
        raise AssertionError("it ran")

    monkeypatch.setattr("eyeline.processing.light_wrap.LightWrap.lay_on", fail)
    shown(picture, "color:#ffffff", 0)
    with pytest.raises(AssertionError, match="it ran"):
        shown(picture, "color:#ffffff", 1)
