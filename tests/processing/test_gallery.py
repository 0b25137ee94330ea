"""Names and what stands behind them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from eyeline.processing.backgrounds import Pace
from eyeline.processing.effects import GalleryBackground, parse_background
from eyeline.processing.errors import BackgroundError
from eyeline.processing.gallery import Gallery
from eyeline.processing.gallery_art import PAINTERS, painted

DRAWN = ("dusk", "forest-haze", "paper", "studio")


def picture(path: Path, bgr: tuple[int, int, int] = (0, 255, 0)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((90, 160, 3), bgr, np.uint8))


def colour(gallery: Gallery, name: str) -> list[int]:
    return gallery.open(name, Pace.LIVE).frame((64, 36), 0.0).to_bgr()[18, 32].tolist()


def test_without_a_folder_there_are_the_drawn_ones(tmp_path: Path):
    assert Gallery(tmp_path / "none").names() == DRAWN


@pytest.mark.parametrize("name", DRAWN)
def test_every_name_can_be_written_and_opened(name: str, tmp_path: Path):
    assert parse_background(name) == GalleryBackground(name)
    image = Gallery(tmp_path).open(name.upper(), Pace.LIVE).frame((640, 360), 0.0)
    assert image.size == (640, 360)
    assert np.ptp(image.y) > 20


def test_files_are_called_by_their_names(tmp_path: Path):
    picture(tmp_path / "Beach house (2).png", (0, 0, 255))
    picture(tmp_path / "studio.jpg")
    (tmp_path / "notes.txt").write_text("no picture")
    picture(tmp_path / "inner" / "hidden.png")
    gallery = Gallery(tmp_path)
    assert gallery.names() == ("Beach-house-2", *DRAWN)
    np.testing.assert_allclose(colour(gallery, "beach-house-2"), (0, 0, 255), atol=3)
    np.testing.assert_allclose(colour(gallery, "studio"), (0, 255, 0), atol=5)  # one's own goes first


def test_a_new_file_is_seen_at_once(tmp_path: Path):
    gallery = Gallery(tmp_path)
    picture(tmp_path / "late.png")
    assert "late" in gallery.names()


@pytest.mark.parametrize("name", ["../secret", "..", "inner/hidden", "/etc/passwd", "secret", "link", ""])
def test_a_name_never_leads_out_of_the_folder(tmp_path: Path, name: str):
    folder = tmp_path / "folder"
    picture(tmp_path / "secret.png")
    picture(folder / "inner" / "hidden.png")
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(BackgroundError, match="There is no background"):
        Gallery(folder).open(name, Pace.LIVE)


def test_an_unknown_name_meets_close_ones_and_the_list(tmp_path: Path):
    with pytest.raises(BackgroundError) as caught:
        Gallery(tmp_path).open("forrest-haze", Pace.LIVE)
    assert caught.value.hint.startswith("Did you mean forest-haze?")
    assert all(name in caught.value.hint for name in DRAWN)


def test_a_damaged_file_is_named(tmp_path: Path):
    (tmp_path / "bad.png").write_text("no picture")
    with pytest.raises(BackgroundError, match=r"bad\.png"):
        Gallery(tmp_path).open("bad", Pace.LIVE)


@pytest.mark.parametrize("name", sorted(PAINTERS))
def test_drawing_is_the_same_each_time_and_free_of_bands(name: str):
    bgr = painted(name)
    assert bgr.shape == (1080, 1920, 3)
    assert np.array_equal(bgr, painted(name))
    flat_rows = (np.ptp(bgr.astype(np.int16), axis=1) == 0).all(axis=1)
    assert not flat_rows.any()
    assert ((bgr > 0) & (bgr < 255)).mean() > 0.99
