from __future__ import annotations

from eyeline.bot.calibrations import MAX_CAMERAS, Calibrations
from eyeline.processing.gaze.calibration import UNCALIBRATED, Calibration
from eyeline.processing.gaze.direction import GazeDirection


def test_each_camera_has_its_own(tmp_path):
    kept = Calibrations(tmp_path / "gaze.json")
    above, beside = Calibration(GazeDirection(1, -3), GazeDirection(2, -12)), Calibration(GazeDirection(-20, 0))
    kept.keep("camera", above)
    kept.keep("camera:1", beside)
    again = Calibrations(tmp_path / "gaze.json")
    assert again.recall("camera") == above
    assert again.recall("camera:1") == beside
    assert again.recall("camera:2") == UNCALIBRATED


def test_what_another_tracker_measured_counts_as_not_measured(tmp_path, caplog):
    (tmp_path / "gaze.json").write_text('{"cameras": {"camera": {"camera": [1.0, -6.0]}}}')
    assert Calibrations(tmp_path / "gaze.json").recall("camera") == UNCALIBRATED
    assert "eyeline calibrate" in caplog.text


def test_a_damaged_file_counts_as_none(tmp_path):
    (tmp_path / "gaze.json").write_text('{"cameras": {"camera": {"camera": "there"}}}')
    kept = Calibrations(tmp_path / "gaze.json")
    assert kept.recall("camera") == UNCALIBRATED
    kept.keep("camera", Calibration(GazeDirection(1, 1)))
    assert kept.recall("camera").camera == GazeDirection(1, 1)


def test_it_does_not_grow_for_ever(tmp_path):
    kept = Calibrations(tmp_path / "gaze.json")
    for number in range(MAX_CAMERAS + 2):
        kept.keep(f"camera:{number}", Calibration(GazeDirection(number, 0)))
    assert kept.recall("camera:0") == UNCALIBRATED
    assert kept.recall(f"camera:{MAX_CAMERAS + 1}").camera.yaw_degrees == MAX_CAMERAS + 1
