"""Settings with and without faults: whatever is wrong, the rest is still looked at."""

from __future__ import annotations

from pathlib import Path

import pytest
from doctor_lab import patient

from eyeline.bot.doctor.diagnosis import Level, Patient
from eyeline.bot.doctor.settings_files import check_settings, patient_of


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)


def test_the_defaults_are_well(ordinary: Patient):
    (found,) = check_settings(ordinary)
    assert found.level is Level.OK
    assert "no file" in found.why


def test_a_file_with_a_fault_is_named_and_the_defaults_stand_in(tmp_path: Path):
    (tmp_path / "eyeline.toml").write_text("[video]\nfps = 999\n")
    examined = patient_of(None)
    assert examined.settings.video.fps == 30
    (found,) = check_settings(examined)
    assert found.level is Level.BAD
    assert "eyeline.toml" in found.why
    assert "video.fps" in found.why
    assert found.advice


def test_a_file_that_is_no_toml_is_named(tmp_path: Path):
    other = tmp_path / "other.toml"
    other.write_text("[video")
    (found,) = check_settings(patient_of(other))
    assert found.level is Level.BAD
    assert "other.toml" in found.why


def test_what_is_well_is_read_from_the_file(tmp_path: Path):
    (tmp_path / "eyeline.toml").write_text("[video]\nfps = 15\n")
    examined = patient_of(None)
    assert examined.settings.video.fps == 15
    assert str(tmp_path / "eyeline.toml") in next(iter(check_settings(examined))).why


@pytest.mark.parametrize(
    ("flags", "what"),
    [
        ({"video__source": "screen"}, "video.source"),
        ({"audio__source": "microphone:"}, "audio.source"),
        ({"effects__background": "blur:200"}, "effects"),
        ({"effects__framing": "crop:9"}, "effects"),
    ],
)
def test_a_value_with_a_grammar_of_its_own_is_read(tmp_path: Path, flags: dict[str, str], what: str):
    _, found = check_settings(patient(tmp_path, **flags))
    assert (found.level, found.what) == (Level.BAD, what)
    assert found.why
