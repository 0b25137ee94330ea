"""What `eyeline doctor` examines: settings as they would be read in an empty folder."""

from __future__ import annotations

from pathlib import Path

from eyeline.bot.doctor.diagnosis import Patient
from eyeline.config.settings import load_settings


def patient(tmp_path: Path, **flags: object) -> Patient:
    """With these settings, `__` for the dot, and the defaults for all others."""
    named = {key.replace("__", "."): value for key, value in flags.items()}
    return Patient(load_settings(named, cwd=tmp_path, environ={}, user_file=tmp_path / "none.toml").settings)
