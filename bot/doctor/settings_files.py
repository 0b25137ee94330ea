"""Settings files and what is wrong in them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from eyeline.bot.doctor.diagnosis import Diagnosis, Patient, bad, ok
from eyeline.bot.effects import effects_of
from eyeline.config.errors import UsageError
from eyeline.config.settings import SettingsError, load_settings, project_file_path, user_file_path
from eyeline.processing.sources.spec import parse_audio_source, parse_video_source

_EMPTY_FILE = Path(os.devnull)


def patient_of(config: Path | None) -> Patient:
    """Settings as they are in force here; where they have a fault, the defaults with that fault.

    Args:
        config: Settings file instead of `./eyeline.toml`.
    """
    try:
        return Patient(load_settings(project_file=config).settings)
    except SettingsError as fault:
        defaults = load_settings(project_file=_EMPTY_FILE, environ={}, user_file=_EMPTY_FILE)
        return Patient(defaults.settings, fault)


def check_settings(patient: Patient) -> Iterator[Diagnosis]:
    """Whether they can be read, and whether what is written in them can be done."""
    if patient.settings_fault is not None:
        fault = patient.settings_fault
        yield bad("settings", f"{fault.message} The defaults are looked at instead.", fault.hint)
        return
    files = (str(path) for path in (user_file_path(), project_file_path()) if path.is_file())
    yield ok("settings", f"Read from {' and '.join(files) or 'no file: the defaults are in force'}.")
    yield from _spellings(patient)


def _spellings(patient: Patient) -> Iterator[Diagnosis]:
    """Faults of values that have a grammar of their own."""
    settings = patient.settings
    for key, parse in (
        ("video.source", lambda: parse_video_source(settings.video.source)),
        ("audio.source", lambda: parse_audio_source(settings.audio.source)),
        ("effects", lambda: effects_of(settings.effects)),
    ):
        try:
            parse()
        except UsageError as error:
            yield bad(key, error.message, error.hint)
