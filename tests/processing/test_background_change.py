"""A change of the background is in the very next picture, and never shows the room in between."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from animation_lab import write_animation
from picture_lab import StillRuntime, captured, half_person, wait_until

from eyeline.processing.effects import EffectState, parse_background
from eyeline.processing.errors import BackgroundError
from eyeline.processing.frame import I420Image
from eyeline.processing.gallery import Gallery
from eyeline.processing.mask import PersonMask
from eyeline.processing.picture import Picture

ROOM_LUMA = 235
ROOM = I420Image.filled(320, 180, (ROOM_LUMA, 128, 128))


@pytest.fixture
def picture(tmp_path: Path) -> Iterator[Picture]:
    with Picture(lambda: PersonMask(StillRuntime(half_person())), Gallery(tmp_path)) as picture:
        yield picture


def change(picture: Picture, text: str) -> None:
    picture.apply(picture.prepare(EffectState(parse_background(text))))


def behind(picture: Picture, at_s: float = 0.0) -> int:
    """Luma at the far right, where the room would be."""
    return int(picture.process(captured(ROOM, at_s)).image.y[90, 300])


@pytest.mark.parametrize(
    ("text", "luma"),
    [("color:#000000", 16), ("gradient:#000000,#000000", 16), ("still", 50), ("moving", 50), ("fit:still", 50)],
)
def test_the_next_picture_has_it(picture: Picture, tmp_path: Path, text: str, luma: int):
    cv2.imwrite(str(tmp_path / "still.png"), np.full((90, 160, 3), 40, np.uint8))
    write_animation(tmp_path / "moving.gif", levels=(40, 41))
    change(picture, "color:#909090")
    before = behind(picture)
    change(picture, text)
    assert behind(picture, 0.03) == pytest.approx(luma, abs=6)
    assert abs(before - luma) > 50


def test_a_background_that_cannot_be_had_changes_nothing(picture: Picture, tmp_path: Path):
    (tmp_path / "bad.mp4").write_text("no video")
    change(picture, "color:#000000")
    for text in ("bad", "nothing", "screen:99", "rtsp://127.0.0.1:1/live"):
        with pytest.raises(BackgroundError):
            change(picture, text)
        assert behind(picture) == pytest.approx(16, abs=2)


def test_a_file_that_is_gone_or_broken_never_shows_the_room(picture: Picture, tmp_path: Path):
    path = write_animation(tmp_path / "moving.webp", levels=(40, 60, 80, 100))
    path.write_bytes(path.read_bytes()[:-20])
    change(picture, "moving")
    path.unlink()
    seen = set()

    def watched() -> bool:
        luma = behind(picture)
        assert luma < 130
        seen.add(luma)
        return len(seen) >= 3 and "cut off" in picture.trouble

    wait_until(watched)
    change(picture, "color:#000000")
    assert picture.trouble == ""
