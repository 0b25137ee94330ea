"""What Eyeline runs on."""

from __future__ import annotations

from pathlib import Path

import pytest
from doctor_lab import patient

from eyeline.bot.doctor import machine
from eyeline.bot.doctor.diagnosis import Level, Patient
from eyeline.bot.doctor.machine import check_machine


def test_each_part_is_named(ordinary: Patient):
    found = {one.what: one for one in check_machine(ordinary)}
    assert list(found) == ["python", "system", "cpu", "ram"]
    assert found["cpu"].figures["cores"] == machine.usable_cores() >= 1


def test_a_worker_that_does_not_fit_is_told(tmp_path: Path):
    *_, memory = check_machine(patient(tmp_path, video__worker_memory_mb=1_000_000))
    assert memory.level is Level.WARN
    assert "worker_memory_mb" in memory.advice


def test_one_core_is_few_and_a_busy_machine_is_told(monkeypatch: pytest.MonkeyPatch, ordinary: Patient):
    def cpu(cores: int, load: float) -> tuple[Level, str]:
        monkeypatch.setattr(machine, "usable_cores", lambda: cores)
        monkeypatch.setattr("psutil.getloadavg", lambda: (load, 0.0, 0.0))
        found = next(one for one in check_machine(ordinary) if one.what == "cpu")
        return found.level, found.advice

    assert cpu(4, 1.0) == (Level.OK, "")
    assert cpu(1, 0.1)[0] is Level.WARN
    level, advice = cpu(4, 9.0)
    assert level is Level.WARN
    assert "Close" in advice
