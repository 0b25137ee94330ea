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
from nets_lab import matting_file, needs_torch
from picture_lab import iou, load_mask, scene, write_clip

from eyeline.bot.cli.render import render
from eyeline.config.errors import UsageError
from eyeline.models.errors import MaskModelError, ModelError
from eyeline.processing.errors import BackgroundError, EffectError, RenderError
from eyeline.processing.frame import I420Image

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


def test_a_mirrored_part_of_a_video(tmp_path: Path):
    bgr = np.full((360, 640, 3), 40, np.uint8)
    bgr[:, :200] = 200
    write_clip(tmp_path / "in.mkv", [I420Image.from_bgr(bgr)] * 3)
    words = "--background", "none", "--framing", "crop:0,0,50,100", "--mirror"
    typed("in.mkv", "out.mkv", *words)
    _, frame = cv2.VideoCapture("out.mkv").read()
    assert frame.shape == (360, 320, 3)
    assert frame[180, :110].max() < 60
    assert frame[180, 130:].min() > 180


def test_a_part_of_a_picture(photo: np.ndarray):
    typed("in.png", "out.png", "--background", "none", "--framing", "crop:25,25,50,50")
    whole, part = cv2.imread("in.png"), cv2.imread("out.png")
    assert part.shape == (180, 320, 3)
    assert np.abs(part.astype(int) - whole[90:270, 160:480]).mean() < 2


def test_a_video_that_follows_the_person_keeps_its_size_and_so_does_its_matte(tmp_path: Path):
    load_mask()
    near = scene(640, 360)[0].to_bgr()
    bgr = cv2.copyMakeBorder(near, 120, 0, 110, 110, cv2.BORDER_REPLICATE)
    write_clip(tmp_path / "in.mkv", [I420Image.from_bgr(bgr)] * 24, rate=2)
    typed("in.mkv", "out.mkv", "--background", "color:#10c060", "--framing", "auto", "--matte", "matte.mkv")
    sizes = []
    for name in ("out.mkv", "matte.mkv"):
        clip = cv2.VideoCapture(name)
        frames = [clip.read()[1] for _ in range(24)]
        assert {frame.shape for frame in frames} == {bgr.shape}
        sizes.append(frames)
    green = [np.abs(frame.astype(int) - (0x60, 0xC0, 0x10)).max(axis=2) < 25 for frame in sizes[0]]
    assert green[-1].mean() < green[0].mean() - 0.05  # she is larger
    for ground, matte in ((green[0], sizes[1][0]), (green[-1], sizes[1][-1])):
        assert (ground & (matte[..., 0] > 200)).mean() < 0.01


def test_a_dark_picture_is_lifted_as_a_video_would_be(tmp_path: Path):
    load_mask()
    image, true = scene(*SIZE)
    dark = (image.to_bgr() * 0.3).astype(np.uint8)
    cv2.imwrite(str(tmp_path / "in.png"), dark)
    for name, exposure in (("off.png", "off"), ("lift.png", "lift")):
        typed("in.png", name, "--background", "color:#204060", "--exposure", exposure)
    off, lift = (cv2.imread(name)[true > 0.9].mean() for name in ("off.png", "lift.png"))
    assert lift > off * 1.3


def test_light_of_the_background_is_a_flag(photo: np.ndarray):
    load_mask()
    for name, strength in (("off.png", "0"), ("on.png", "100")):
        typed("in.png", name, "--background", "color:#ffffff", "--light-wrap", strength)
    gap = cv2.imread("on.png").astype(int) - cv2.imread("off.png")
    assert gap.max() > 20
    assert gap[photo < 0.01].max() < 8


@pytest.mark.parametrize("flags", [("--runtime", "torch"), ("--mask-model", "weights.pth")])
def test_by_torch(photo: np.ndarray, flags: tuple[str, ...]):
    load_mask()
    matting_file(Path("weights.pth"))
    typed("in.png", "out.png", "--background", "color:#10c060", "--matte", "matte.png", *flags)
    found = cv2.imread("matte.png", cv2.IMREAD_GRAYSCALE) / 255
    assert iou(found, photo) > 0.9, "where a mask model finds nobody, the finder's word stands"


def test_a_mask_model_that_is_none_is_told_and_leaves_nothing(photo: np.ndarray, tmp_path: Path):
    load_mask()
    needs_torch()
    (tmp_path / "weights.pth").write_text("no weights")
    with pytest.raises(MaskModelError, match=r"weights\.pth"):
        typed("in.png", "out.png", "--background", "blur", "--mask-model", "weights.pth")
    assert not (tmp_path / "out.png").exists()


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
        (("in.png", "out.png", "--framing", "crop:1"), EffectError),
        (("in.png", "out.png", "--light-wrap", "101"), UsageError),
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
