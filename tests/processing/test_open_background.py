"""From what a person asked for to what stands behind them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from picture_lab import write_clip

from eyeline.processing.backgrounds import Pace
from eyeline.processing.effects import parse_background
from eyeline.processing.errors import BackgroundError
from eyeline.processing.frame import I420Image
from eyeline.processing.gallery import Gallery
from eyeline.processing.open_background import open_background


def opened(text: str, folder: Path, pace: Pace = Pace.LIVE):
    return open_background(parse_background(text), Gallery(folder), pace)


@pytest.mark.parametrize("text", ["none", "blur", "blur:0"])
def test_the_room_itself_needs_nothing(tmp_path: Path, text: str):
    assert opened(text, tmp_path) is None


@pytest.mark.parametrize("pace", Pace)
def test_everything_that_stands_still(tmp_path: Path, pace: Pace):
    cv2.imwrite(str(tmp_path / "mine.png"), np.full((90, 160, 3), (10, 200, 10), np.uint8))
    for text in ("color:#102030", "gradient:#102030,#8090a0", "mine", "dusk", f"fit:{tmp_path / 'mine.png'}"):
        background = opened(text, tmp_path, pace)
        assert background is not None
        assert background.frame((128, 72), 0.0).size == (128, 72)
        assert background.trouble == ""
        background.close()


@pytest.mark.parametrize(("text", "luma"), [("focus:0,50:mine", 200), ("focus:100,50:mine", 60), ("fit:mine", None)])
def test_placing_reaches_pictures_and_videos(tmp_path: Path, text: str, luma: int | None):
    image = I420Image.filled(400, 100, (60, 128, 128))
    image.y[:, :100] = 200
    for name in ("mine.png", "mine.mp4"):
        if name.endswith("png"):
            cv2.imwrite(str(tmp_path / name), image.to_bgr())
        else:
            write_clip(tmp_path / name, [image] * 3)
        background = opened(text, tmp_path)
        assert background is not None
        shown = background.frame((100, 100), 0.0)
        if luma is None:
            assert shown.y[50, 10] == pytest.approx(200, abs=4)
            assert shown.y[50, 80] == pytest.approx(60, abs=4)
            assert shown.y[5, 80] < 60
        else:
            np.testing.assert_allclose(shown.y[20:80, 20:80], luma, atol=4)
        background.close()
        (tmp_path / name).unlink()


@pytest.mark.parametrize("text", ["screen", "rtsp://127.0.0.1:1/live"])
def test_what_is_live_is_not_put_behind_a_file(tmp_path: Path, text: str):
    with pytest.raises(BackgroundError, match="live cannot be behind a file"):
        opened(text, tmp_path, Pace.EXACT)


def test_without_a_screen_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "XDG_SESSION_TYPE"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(BackgroundError, match="screen") as caught:
        opened("screen", tmp_path)
    assert caught.value.hint
