"""Finding and reading pairs."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from picture_lab import write_clip

from eyeline.bot.bench.matte_set import MatteSetError, find_pairs
from eyeline.processing.container import FileKind
from eyeline.processing.frame import I420Image


def put_picture(path: Path, size: tuple[int, int] = (64, 48), level: int = 90) -> None:
    path.parent.mkdir(exist_ok=True)
    cv2.imwrite(str(path), np.full((*size[::-1], 3), level, np.uint8))


def put_clip(path: Path, frames: int, level: int, size: tuple[int, int] = (64, 48)) -> None:
    write_clip(path, [I420Image.filled(*size, (level, 128, 128))] * frames)


def test_pairs_of_all_folders_are_found(tmp_path: Path):
    put_picture(tmp_path / "stills" / "one.jpg")
    put_picture(tmp_path / "stills" / "one_a.png", level=255)
    put_picture(tmp_path / "stills" / "alone.jpg")
    put_picture(tmp_path / "stills" / "nobodys_a.png")
    put_clip(tmp_path / "walk.mp4", 3, 90)
    put_clip(tmp_path / "walk_a.mp4", 3, 235)
    still, clip = find_pairs(tmp_path)
    assert (still.name, still.group, still.kind) == ("stills/one", "stills", FileKind.PICTURE)
    assert (clip.name, clip.group, clip.kind) == ("walk", "", FileKind.VIDEO)


def test_a_picture_is_shown_as_if_the_person_sat_still(tmp_path: Path):
    put_picture(tmp_path / "one.png", (63, 47))
    put_picture(tmp_path / "one_a.png", (63, 47), level=51)
    frames = list(find_pairs(tmp_path)[0].frames())
    assert len(frames) == 3
    image, matte = frames[-1]
    assert image.size == (64, 48)
    assert matte.shape == (48, 64)
    np.testing.assert_allclose(matte, 0.2, atol=1e-6)


def test_a_clip_comes_with_its_matte_from_0_to_1(tmp_path: Path):
    put_clip(tmp_path / "c.mp4", 4, 90)
    put_clip(tmp_path / "c_a.mp4", 4, 235)
    frames = list(find_pairs(tmp_path)[0].frames())
    assert len(frames) == 4
    np.testing.assert_allclose(frames[2][1], 1, atol=0.01)


def test_what_does_not_fit_is_told(tmp_path: Path):
    for empty in (tmp_path / "none", tmp_path):
        with pytest.raises(MatteSetError):
            find_pairs(empty)
    put_picture(tmp_path / "size" / "a.png")
    put_picture(tmp_path / "size" / "a_a.png", (64, 46))
    with pytest.raises(MatteSetError, match="not as large"):
        list(find_pairs(tmp_path / "size")[0].frames())
    put_picture(tmp_path / "length" / "unused.png")
    put_clip(tmp_path / "length" / "b.mp4", 4, 90)
    put_clip(tmp_path / "length" / "b_a.mp4", 3, 90)
    with pytest.raises(MatteSetError, match="as many frames"):
        list(find_pairs(tmp_path / "length")[0].frames())
