"""Weights that are there, missing or damaged."""

from __future__ import annotations

import shutil
from pathlib import Path

from doctor_lab import patient
from picture_lab import load_net

from eyeline.bot.doctor.diagnosis import Level
from eyeline.bot.doctor.picture import check_picture
from eyeline.bot.doctor.weights import NEEDED, check_weights, weights_are_ready
from eyeline.models.store import default_directory


def test_missing_weights_are_bad_only_where_they_cannot_be_fetched(tmp_path: Path):
    for offline, level in ((False, Level.WARN), (True, Level.BAD)):
        examined = patient(tmp_path, models__directory=str(tmp_path / "none"), models__offline=offline)
        found = {one.what: one for one in check_weights(examined)}
        for entry in NEEDED:
            assert found[entry.name].level is level
            assert "models fetch" in found[entry.name].advice
        assert not weights_are_ready(examined)
    assert not (tmp_path / "none").exists()


def test_without_weights_no_picture_is_measured(tmp_path: Path):
    (found,) = check_picture(patient(tmp_path, models__directory=str(tmp_path / "none")))
    assert found.level is Level.WARN
    assert "models fetch" in found.advice


def test_damaged_weights_are_bad_and_whole_ones_are_well(tmp_path: Path):
    load_net("selfie_segmentation").close()
    for entry in NEEDED:
        shutil.copy(default_directory() / entry.file_name, tmp_path)
    examined = patient(tmp_path, models__directory=str(tmp_path))
    assert weights_are_ready(examined)
    levels = {one.what: one.level for one in check_weights(examined)}
    assert {levels[entry.name] for entry in NEEDED} == {Level.OK}
    damaged = tmp_path / NEEDED[0].file_name
    damaged.write_bytes(damaged.read_bytes()[:-1])
    found = next(one for one in check_weights(examined) if one.what == NEEDED[0].name)
    assert found.level is Level.BAD
    assert str(damaged) in found.why
    assert not weights_are_ready(examined)
