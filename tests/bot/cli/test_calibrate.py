"""`eyeline calibrate` on a real face that stands still."""

from __future__ import annotations

import cv2
import pytest
from gaze_lab import face_files, portrait_bgr

from eyeline.bot.calibrations import Calibrations
from eyeline.bot.cli import calibrate as module
from eyeline.config.errors import UsageError
from eyeline.processing.gaze.calibration import UNCALIBRATED
from eyeline.processing.gaze.looking import CalibrationError


@pytest.fixture(autouse=True)
def quick(monkeypatch, tmp_path):
    face_files()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "_READY_S", 0.2)


def test_it_is_kept_for_this_camera(tmp_path, capsys):
    cv2.imwrite(str(tmp_path / "face.png"), portrait_bgr())
    module.calibrate(source=str(tmp_path / "face.png"))
    told = capsys.readouterr().out
    assert "Look into the camera." in told
    kept = Calibrations().recall(str(tmp_path / "face.png"))
    assert kept.camera.yaw_degrees != 0
    assert kept.screen is not None
    assert kept.screen.apart_degrees(kept.camera) < 2, "it was the same picture"


def test_on_a_slow_machine_it_takes_longer(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_LOOK_S", 0.0)  # over before anything is seen
    cv2.imwrite(str(tmp_path / "face.png"), portrait_bgr())
    module.calibrate(source=str(tmp_path / "face.png"))
    assert Calibrations().recall(str(tmp_path / "face.png")) != UNCALIBRATED


def test_nobody_there(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_PATIENCE_S", 2.0)
    cv2.imwrite(str(tmp_path / "wall.png"), portrait_bgr()[:40, :40])
    with pytest.raises(CalibrationError):
        module.calibrate(source=str(tmp_path / "wall.png"))
    assert Calibrations().recall(str(tmp_path / "wall.png")) == UNCALIBRATED


def test_a_browser_cannot_be_asked():
    with pytest.raises(UsageError):
        module.calibrate(source="browser")
