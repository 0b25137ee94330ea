"""Colours and files as backgrounds."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from picture_lab import write_clip

from eyeline.processing.backgrounds import MAX_PIXELS, Pace, color_background, open_file, still_background
from eyeline.processing.effects import ColorBackground
from eyeline.processing.errors import BackgroundError
from eyeline.processing.frame import I420Image
from eyeline.processing.video_background import LiveVideo, SteppedVideo


def test_a_colour_is_that_colour():
    image = color_background(ColorBackground(32, 64, 200)).frame((64, 48), 0.0)
    assert image.size == (64, 48)
    np.testing.assert_allclose(image.to_bgr()[20, 20], (200, 64, 32), atol=3)
    assert all(np.ptp(plane) == 0 for plane in image.planes)


def test_a_picture_covers_the_frame_and_is_fitted_once_for_each_size(tmp_path: Path):
    bgr = np.full((100, 400, 3), (0, 0, 255), np.uint8)
    bgr[:, 150:250] = (0, 255, 0)
    cv2.imwrite(str(tmp_path / "a.png"), bgr)
    background = open_file(tmp_path / "a.png", Pace.LIVE)
    image = background.frame((50, 50), 0.0)
    np.testing.assert_allclose(image.to_bgr()[25, 25], (0, 255, 0), atol=3)
    np.testing.assert_allclose(image.to_bgr()[25, 3], (0, 255, 0), atol=3)
    assert background.frame((50, 50), 1.0) is image
    assert background.frame((64, 50), 1.0).size == (64, 50)
    background.close()
    assert background.frame((50, 50), 1.0) is image


def test_a_huge_picture_is_kept_small():
    background = still_background(np.full((4000, 6000, 3), 120, np.uint8))
    assert background.frame((6000, 4000), 0.0).size == (6000, 4000)
    image = background.frame((1280, 720), 0.0)
    assert np.ptp(image.y) == 0


@pytest.mark.parametrize(("pace", "kind"), [(Pace.LIVE, LiveVideo), (Pace.EXACT, SteppedVideo)])
def test_a_video_is_known_by_its_content(tmp_path: Path, pace: Pace, kind: type):
    write_clip(tmp_path / "c.mp4", [I420Image.filled(64, 48, (90, 128, 128))] * 3)
    path = (tmp_path / "c.mp4").rename(tmp_path / "c.png")
    background = open_file(path, pace)
    assert isinstance(getattr(background, "shown", background), kind)
    assert background.frame((32, 32), 0.0).y[0, 0] == 90
    background.close()


def test_what_cannot_be_used_says_why_and_what_to_do(tmp_path: Path):
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff\xe0 no jpeg at all" * 50)
    (tmp_path / "long.png").touch()
    with (tmp_path / "long.png").open("r+b") as file:
        file.truncate(65 << 20)
    cv2.imwrite(str(tmp_path / "big.png"), np.zeros((5001, 8000), np.uint8))
    assert MAX_PIXELS < 5001 * 8000
    for name, reason in (("a.jpg", "a.jpg"), ("none.png", "no file"), ("long.png", "64 MB"), ("big.png", "40 mega")):
        with pytest.raises(BackgroundError, match=reason) as caught:
            open_file(tmp_path / name, Pace.LIVE)
        assert "\n" not in caught.value.message
        assert "40 megapixels" in caught.value.hint
