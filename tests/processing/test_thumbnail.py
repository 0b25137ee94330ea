"""Small pictures, made once."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from eyeline.processing.errors import BackgroundError
from eyeline.processing.thumbnail import THUMBNAIL_PX, Thumbnails


def picture(path: Path, bgr: tuple[int, int, int]) -> Path:
    cv2.imwrite(str(path), np.full((90, 160, 3), bgr, np.uint8))
    return path


def decoded(jpeg: bytes) -> np.ndarray:
    bgr = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert bgr.shape[1::-1] == THUMBNAIL_PX
    return bgr


def test_of_a_file_and_kept(tmp_path: Path):
    path = picture(tmp_path / "a.png", (0, 0, 255))
    thumbnails = Thumbnails(tmp_path / "cache")
    np.testing.assert_allclose(decoded(thumbnails.of_file(path))[90, 160], (0, 0, 255), atol=8)
    (kept,) = (tmp_path / "cache").iterdir()
    kept.write_bytes(b"what is kept is what is given")
    assert thumbnails.of_file(path) == b"what is kept is what is given"


def test_a_file_that_changes_gets_a_new_one(tmp_path: Path):
    path = picture(tmp_path / "a.png", (0, 0, 255))
    thumbnails = Thumbnails(tmp_path / "cache")
    thumbnails.of_file(path)
    picture(path, (0, 255, 0))
    os.utime(path, ns=(1, 1))
    np.testing.assert_allclose(decoded(thumbnails.of_file(path))[90, 160], (0, 255, 0), atol=8)


def test_of_what_is_drawn(tmp_path: Path):
    thumbnails = Thumbnails(tmp_path / "cache")
    assert np.ptp(decoded(thumbnails.of_drawn("dusk"))) > 50
    assert thumbnails.of_drawn("dusk") is thumbnails.of_drawn("dusk")


def test_a_cache_that_cannot_be_written_is_none(tmp_path: Path):
    (tmp_path / "cache").write_text("a file stands in the way")
    path = picture(tmp_path / "a.png", (0, 0, 255))
    decoded(Thumbnails(tmp_path / "cache").of_file(path))


def test_what_cannot_be_shown_has_none(tmp_path: Path):
    (tmp_path / "a.png").write_text("no picture")
    for name in ("a.png", "none.png"):
        with pytest.raises(BackgroundError, match=name):
            Thumbnails(tmp_path / "cache").of_file(tmp_path / name)
