"""Names and what stands behind them."""

from __future__ import annotations

import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from animation_lab import write_animation

from eyeline.processing.art import PAINTERS
from eyeline.processing.backgrounds import Pace
from eyeline.processing.effects import GalleryBackground, parse_background
from eyeline.processing.errors import BackgroundError
from eyeline.processing.gallery import EntryKind, Gallery

DRAWN = tuple(sorted(PAINTERS))


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


def test_entries_tell_what_there_is(tmp_path: Path):
    picture(tmp_path / "still.png")
    write_animation(tmp_path / "moving.webp")
    (tmp_path / "bad.jpg").write_text("no picture")
    entries = {entry.name: entry for entry in Gallery(tmp_path).entries()}
    assert {name: entries[name].kind for name in ("still", "moving", "bad", "dusk")} == {
        "still": EntryKind.PICTURE,
        "moving": EntryKind.VIDEO,
        "bad": EntryKind.UNUSABLE,
        "dusk": EntryKind.DRAWN,
    }
    assert entries["still"].path == tmp_path / "still.png"
    assert entries["still"].size_bytes == (tmp_path / "still.png").stat().st_size
    assert "bad.jpg" in entries["bad"].trouble


def test_only_what_can_be_shown_is_added(tmp_path: Path):
    gallery = Gallery(tmp_path / "gallery")
    picture(tmp_path / "mine.png")
    assert gallery.add(tmp_path / "mine.png").name == "mine"
    bomb = bytearray(write_animation(tmp_path / "a.webp").read_bytes())
    bomb[24:30] = b"\xff\x3f\x00\xff\x3f\x00"
    (tmp_path / "bomb.webp").write_bytes(bomb)
    (tmp_path / "text.png").write_text("no picture")
    for name in ("bomb.webp", "text.png", "none.png"):
        with pytest.raises(BackgroundError):
            gallery.add(tmp_path / name)
    assert [path.name for path in gallery.folder.iterdir()] == ["mine.png"]


def test_what_is_drawn_can_be_covered_but_neither_removed_nor_renamed(tmp_path: Path):
    gallery = Gallery(tmp_path / "gallery")
    for change in (lambda: gallery.remove("dusk"), lambda: gallery.rename("dusk", "mine")):
        with pytest.raises(BackgroundError, match="drawn by Eyeline"):
            change()
    picture(tmp_path / "mine.png", (0, 0, 255))
    gallery.add(tmp_path / "mine.png", "dusk")
    np.testing.assert_allclose(colour(gallery, "dusk"), (0, 0, 255), atol=3)
    assert gallery.rename("Dusk", "mine").name == "mine"
    assert gallery.entry("dusk").kind is EntryKind.DRAWN
    assert gallery.remove("MINE").path == gallery.folder / "mine.png"
    assert gallery.names() == DRAWN


def test_thumbnails_of_all(tmp_path: Path):
    picture(tmp_path / "gallery" / "mine.png")
    gallery = Gallery(tmp_path / "gallery", thumbnails=tmp_path / "cache")
    assert gallery.thumbnail("MINE").startswith(b"\xff\xd8")
    assert gallery.thumbnail("paper").startswith(b"\xff\xd8")
    with pytest.raises(BackgroundError, match="There is no background"):
        gallery.thumbnail("../mine")


def test_a_file_that_is_deleted_while_it_is_shown(tmp_path: Path):
    picture(tmp_path / "still.png", (0, 0, 255))
    write_animation(tmp_path / "moving.gif")
    gallery = Gallery(tmp_path)
    shown = [gallery.open(name, Pace.LIVE) for name in ("still", "moving")]
    (tmp_path / "still.png").unlink()
    (tmp_path / "moving.gif").unlink()
    time.sleep(0.7)  # more than a round of the animation
    for background in shown:
        assert background.frame((64, 36), 0.0).size == (64, 36)
        assert background.trouble == ""
        background.close()
    with pytest.raises(BackgroundError, match="There is no background"):
        gallery.open("still", Pace.LIVE)


def test_what_is_drawn_is_drawn_once(tmp_path: Path):
    gallery = Gallery(tmp_path)
    first = gallery.open("dusk", Pace.LIVE).frame((640, 360), 0.0)
    assert gallery.open("dusk", Pace.LIVE).frame((640, 360), 0.0) is first


def test_what_is_not_there_is_told_without_opening_anything(tmp_path: Path):
    gallery = Gallery(tmp_path / "gallery")
    picture(tmp_path / "gallery" / "own.png")
    (tmp_path / "gallery" / "text.png").write_text("no picture")
    picture(tmp_path / "wall.png")
    for written in ("dusk", "OWN", "none", "blur", "color:#204060", str(tmp_path / "wall.png")):
        gallery.check(parse_background(written))
    for written in ("duskk", "text", str(tmp_path / "gone.png"), str(tmp_path / "gallery" / "text.png")):
        with pytest.raises(BackgroundError):
            gallery.check(parse_background(written))
