"""`eyeline bench gaze` on a short clip of a real face."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from gaze_lab import CLIPS, face_files, portrait_bgr
from picture_lab import write_clip

from eyeline.bot.bench.gaze_judge import GazeJudge
from eyeline.bot.cli.bench import app
from eyeline.config.errors import UsageError
from eyeline.processing.errors import RenderError
from eyeline.processing.frame import I420Image

KEYS = {
    *("cpu_ms_per_frame", "stages_ms", "ratio_to_nets", "synthetic_db", "judge_angle_deg", "judge_pitch_rms_deg"),
    *("sharpness_ratio", "jitter_ratio", "max_fade_step", "pixels_changed_outside", "active_share"),
}


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    face_files()
    bgr = portrait_bgr()
    images = []
    for index in range(24):
        move = np.array([[1, 0, index % 3], [0, 1, index % 2]], np.float32)
        shaken = cv2.warpAffine(bgr, move, (bgr.shape[1], bgr.shape[0]), borderMode=cv2.BORDER_REPLICATE)
        images.append(I420Image.from_bgr(shaken))
    return write_clip(tmp_path_factory.mktemp("clip") / "face.mp4", images, rate=30)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    app(["gaze", *arguments], result_action="return_value")
    return capsys.readouterr().out


def test_all_figures_are_there(clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sheet = tmp_path / "sheet.png"
    told = run(capsys, "--clip", str(clip), "--mode", "teleprompter", "--sheet", str(sheet), "--json")
    figures = json.loads(told)
    assert set(figures) >= KEYS
    assert figures["frames"] == 24
    assert figures["pixels_changed_outside"] == 0
    assert 0 < figures["max_fade_step"] <= 0.121
    assert 0.4 < figures["active_share"] < 0.9
    assert figures["cpu_ms_per_frame"] == pytest.approx(sum(figures["stages_ms"].values()))
    assert figures["synthetic_db"] > 29
    assert figures["sharpness_ratio"] > 0.7
    picture = cv2.imread(str(sheet))
    assert picture is not None
    assert picture.std() > 20


def test_people_can_read_it(clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = run(capsys, "--clip", str(clip), "--frames", "14", "--judge", "nowhere").splitlines()
    assert any(line.split() == ["judge_angle_deg", "-"] for line in lines), "without a judge there is no angle"
    assert any(line.startswith("stages_ms") and "warp" in line for line in lines)


def test_both_warpers_side_by_side(clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sheet = tmp_path / "sheet.png"
    wishes = ("--clip", str(clip), "--mode", "teleprompter", "--frames", "20", "--judge", "nowhere")
    figures = json.loads(run(capsys, *wishes, "--gaze-warper", "both", "--sheet", str(sheet), "--json"))
    assert set(figures) >= KEYS
    geometric, learned = figures["warpers"]["geometric"], figures["warpers"]["learned"]
    assert geometric["synthetic_db"] > 29
    assert learned["synthetic_db"] > 29
    assert geometric["synthetic_db"] != learned["synthetic_db"]
    assert learned["pixels_changed_outside"] == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sheet-geometric.png", "sheet-learned.png"]
    assert run(capsys, *wishes, "--gaze-warper", "learned").count("synthetic_db") == 1


def test_bad_wishes(clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError):
        run(capsys, "--clip", str(clip), "--mode", "off")
    with pytest.raises(UsageError):
        run(capsys, "--clip", str(clip), "--frames", "0")
    with pytest.raises(RenderError):
        run(capsys, "--clip", str(clip), "--frames", "2", "--sheet", str(tmp_path / "nowhere" / "sheet.png"))


def test_the_judge_sees_the_gaze_come_nearer(capsys: pytest.CaptureFixture[str]) -> None:
    folder = CLIPS / "../../judges/omz"
    if GazeJudge.load(folder) is None:
        pytest.skip("openvino or ../shared/judges is missing")
    reading = CLIPS / "webcam_reading_720p30.mp4"
    figures = json.loads(run(capsys, "--clip", str(reading), "--frames", "120", "--judge", str(folder), "--json"))
    assert figures["judge_angle_deg"]["after"] < 0.65 * figures["judge_angle_deg"]["before"]
    assert figures["jitter_ratio"] <= 1.0
