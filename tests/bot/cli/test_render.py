"""`eyeline render`, as it is typed."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import structlog
from cyclopts import App
from picture_lab import iou, load_mask, scene, write_clip

from eyeline.bot.cli.render import render
from eyeline.config.errors import UsageError
from eyeline.models.errors import ModelError
from eyeline.processing.errors import BackgroundError, RenderError

SIZE = 640, 360


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A folder without settings, nobody's settings from elsewhere, and logging as it was afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "no-data"))
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def typed(*words: str) -> None:
    app = App(result_action="return_none")
    app.default(render)
    app(list(words), exit_on_error=False, print_error=False)


@pytest.fixture
def photo(tmp_path: Path) -> np.ndarray:
    """`in.png` with a person; her matte."""
    image, matte = scene(*SIZE)
    cv2.imwrite(str(tmp_path / "in.png"), image.to_bgr())
    return matte


def test_a_picture(photo: np.ndarray, capsys: pytest.CaptureFixture[str]):
    load_mask()
    typed("in.png", "out.png", "--background", "color:#10c060", "--matte", "matte.png")
    found = cv2.imread("matte.png", cv2.IMREAD_GRAYSCALE) / 255
    assert iou(found, photo) > 0.93
    np.testing.assert_allclose(cv2.imread("out.png")[5, 5], (0x60, 0xC0, 0x10), atol=4)
    said = capsys.readouterr()
    assert said.out == "out.png: 1 frame\n"
    assert said.err == ""


def test_a_video_with_the_background_of_the_settings(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    load_mask()
    write_clip(tmp_path / "in.mkv", [scene(*SIZE)[0]] * 4, sound="pcm_u8")
    (tmp_path / "mine.toml").write_text('[effects]\nbackground = "color:#ff0000"\n')
    typed("in.mkv", "out.mp4", "--config", "mine.toml")
    _, frame = cv2.VideoCapture("out.mp4").read()
    np.testing.assert_allclose(frame[5, 5], (0, 0, 255), atol=6)
    said = capsys.readouterr()
    assert said.out == "out.mp4: 4 frames\n"
    assert "sound was left out" in said.err


def test_none_needs_no_weights(photo: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("EYELINE_MODELS__DIRECTORY", str(tmp_path / "no-models"))
    typed("in.png", "out.png", "--background", "none", "--offline")
    gap = cv2.imread("out.png").astype(int) - cv2.imread("in.png")
    assert np.abs(gap).mean() < 2


def test_missing_weights_are_told_and_leave_nothing(photo: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("EYELINE_MODELS__DIRECTORY", str(tmp_path / "no-models"))
    with pytest.raises(ModelError):
        typed("in.png", "out.png", "--background", "blur", "--offline")
    assert not (tmp_path / "out.png").exists()


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("in.png", "out.mp4"), RenderError),
        (("in.png", "in.png"), RenderError),
        (("none.png", "out.png"), RenderError),
        (("in.png", "out.png", "--matte", "matte.mkv"), RenderError),
        (("in.png", "out.png", "--background", "blur:200"), BackgroundError),
        (("in.png", "out.png", "--background", "no-such"), BackgroundError),
        (("in.png", "out.png", "--config", "no-such.toml"), UsageError),
    ],
)
def test_mistakes_end_in_one_error_that_says_what_to_do(
    photo: np.ndarray, tmp_path: Path, words: tuple[str, ...], error: type[Exception]
):
    with pytest.raises(error) as caught:
        typed(*words)
    assert caught.value.hint
    assert not (tmp_path / "out.png").exists()
