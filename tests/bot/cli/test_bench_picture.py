"""`eyeline bench picture` and `eyeline bench matte`, as commands."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from nets_lab import matting_file, needs_torch
from picture_lab import load_net, scene

from eyeline.bot.cli.app import run
from eyeline.bot.exit_codes import ExitCode

METHODS = {"eyeline", "jitsi", "raw"}
ERRORS = {"iou", "mad", "band_mad", "grad", "dtssd"}


@pytest.fixture(autouse=True)
def _needs_weights() -> None:
    load_net("selfie_segmentation").close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    image, true = scene(640, 360)
    (tmp_path / "stills").mkdir()
    cv2.imwrite(str(tmp_path / "stills" / "s.png"), image.to_bgr())
    cv2.imwrite(str(tmp_path / "stills" / "s_a.png"), np.rint(true * 255).astype(np.uint8))
    return tmp_path


def test_mattes_as_json_and_as_a_sheet(folder: Path, capsys: pytest.CaptureFixture[str]):
    sheet = folder / "sheet.png"
    assert run(["bench", "matte", "--set", str(folder), "--sheet", str(sheet), "--json"]) == ExitCode.OK
    figures = json.loads(capsys.readouterr().out)
    assert set(figures["methods"]) == METHODS
    assert set(figures["methods"]["eyeline"]) == ERRORS
    assert figures["methods"]["eyeline"]["dtssd"] is None
    assert figures["groups"]["stills"] == figures["methods"]
    assert figures["items"]["stills/s"]["eyeline"]["iou"] > 0.95
    assert cv2.imread(str(sheet)) is not None


def test_the_cheaper_tiers_are_measured_when_asked_for(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert run(["bench", "matte", "--set", str(folder), "--tiers", "--json"]) == ExitCode.OK
    figures = json.loads(capsys.readouterr().out)["methods"]
    assert set(figures) == METHODS | {"close-half", "finder", "finder-half"}
    assert figures["finder"]["band_mad"] != figures["eyeline"]["band_mad"]
    assert all(figures[tier]["iou"] > 0.9 for tier in ("close-half", "finder", "finder-half"))


def test_streamix_is_measured_where_somebody_has_its_weights(folder: Path, capsys: pytest.CaptureFixture[str]):
    matting_file(folder / "weights.pth")
    weights = str(folder / "weights.pth")
    assert run(["bench", "matte", "--set", str(folder), "--streamix-weights", weights, "--json"]) == ExitCode.OK
    figures = json.loads(capsys.readouterr().out)["methods"]
    assert set(figures) == METHODS | {"streamix", "streamix-feathered", "eyeline-streamix"}
    assert figures["eyeline"]["iou"] > 0.95, "its own nets are not touched"
    assert figures["streamix"]["iou"] < 0.9, "weights that were never trained find nobody"
    assert figures["eyeline-streamix"] != figures["eyeline"]


def test_mattes_for_people(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert run(["bench", "matte", "--set", str(folder)]) == ExitCode.OK
    out = capsys.readouterr().out
    for word in ("stills (1)", "all (1)", "IoU", *METHODS):
        assert word in out


def test_the_picture_as_json(capsys: pytest.CaptureFixture[str]):
    size = "--width", "320", "--height", "180"
    arguments = ["bench", "picture", *size, "--rounds", "1", "--seconds", "4", "--json"]
    assert run(arguments) == ExitCode.OK
    figures = json.loads(capsys.readouterr().out)
    assert figures["cpu_ms_per_frame"] > 0
    assert figures["ratio_to_net"] > 0
    assert figures["first_frame_s"] > 0
    assert isinstance(figures["memory_mb_per_hour"], float)
    assert figures["memory"]["frames"] > 0
    assert (figures["width_px"], figures["height_px"], figures["frames"]) == (320, 180, 30)


def test_the_picture_for_people(capsys: pytest.CaptureFixture[str]):
    assert run(["bench", "picture", "--width", "320", "--height", "180", "--rounds", "1"]) == ExitCode.OK
    out = capsys.readouterr().out
    for words in (
        "320x180, 30 frames",
        "before a picture",
        "before the blurred room",
        "the bare net",
        "Jitsi's recipe",
    ):
        assert words in out


def test_a_device_as_json_and_for_people(capsys: pytest.CaptureFixture[str]):
    needs_torch()
    arguments = ["bench", "device", "--device", "cpu", "--people", "2", "--width", "320", "--height", "180"]
    assert run([*arguments, "--rounds", "1", "--json"]) == ExitCode.OK
    figures = json.loads(capsys.readouterr().out)
    assert figures["ms_per_batch"] == pytest.approx(2 * figures["ms_per_person"])
    assert figures["ratio_to_cpu_chain"] > 0
    assert figures["largest_gap_mean"] < 1, "both make the same pictures"
    assert run([*arguments, "--rounds", "1"]) == ExitCode.OK
    out = capsys.readouterr().out
    assert "320x180" in out
    assert "2 people" in out


@pytest.mark.parametrize(
    "arguments",
    [
        ["device", "--device", "cuda:99", "--width", "64", "--height", "36"],
        ["device", "--device", "cpu", "--people", "0"],
        ["picture", "--runtime", "onnx", "--device", "cuda", "--width", "64", "--height", "36"],
        ["matte", "--set", "/nowhere", "--mask-model", "/nowhere.pth"],
        ["picture", "--width", "321"],
        ["picture", "--height", "100000"],
        ["picture", "--rounds", "0"],
        ["picture", "--seconds", "1"],
        ["picture", "--clip", "/nowhere.mp4"],
        ["matte", "--set", "/nowhere"],
    ],
)
def test_what_cannot_be_measured_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]):
    assert run(["bench", *arguments]) not in (ExitCode.OK, ExitCode.INTERNAL)
    assert capsys.readouterr().err.startswith("eyeline: ")
