"""Optional libraries are asked in a process of their own, and only where they are installed."""

from __future__ import annotations

import sys

import pytest

from eyeline.bot.doctor import extras
from eyeline.bot.doctor.diagnosis import Level, Patient
from eyeline.bot.doctor.extras import PROBES, check_extras, look_at


def test_a_library_that_is_missing_is_no_fault():
    found = look_at("eyeline_has_no_such_library", "raise SystemExit(1)")
    assert found.level is Level.OK
    assert "optional" in found.why


def test_what_a_library_says_is_told():
    found = look_at("json", """print('{"version": "1.2", "gpu": "Big One"}')""")
    assert found.level is Level.OK
    assert "1.2" in found.why
    assert found.figures["gpu"] == "Big One"
    assert "no GPU" in look_at("json", """print('{"version": "1.2", "gpu": ""}')""").why


@pytest.mark.parametrize("probe", ["raise RuntimeError('libgomp is gone')", "import os; os.abort()", "print('hello')"])
def test_a_library_that_fails_or_crashes_is_told_and_harms_nobody(probe: str):
    found = look_at("json", probe)
    assert found.level is Level.WARN
    assert "cannot be used" in found.why
    if "libgomp" in probe:
        assert "libgomp is gone" in found.why


def test_a_library_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(extras, "_TIMEOUT_S", 0.3)
    assert "does not answer" in look_at("json", "import time; time.sleep(60)").why


def test_nothing_is_imported_here(ordinary: Patient, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(extras, "look_at", lambda library, probe: (library, probe))
    before = set(sys.modules)
    assert dict(check_extras(ordinary)) == PROBES
    assert not {"torch", "onnxruntime"} & (set(sys.modules) - before)
    for probe in PROBES.values():
        compile(probe, "probe", "exec")
