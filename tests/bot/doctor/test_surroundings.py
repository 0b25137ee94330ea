"""Shared memory, devices, ports, compiled loops: on a machine that is well and on one that is not."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from doctor_lab import patient

from eyeline.bot.doctor import kernels, shared_memory
from eyeline.bot.doctor.devices import _cameras, _microphones, check_devices
from eyeline.bot.doctor.diagnosis import Level, Patient
from eyeline.bot.doctor.kernels import check_kernels
from eyeline.bot.doctor.ports import check_ports
from eyeline.bot.doctor.shared_memory import check_shared_memory
from eyeline.processing.byte_ring import RingError
from eyeline.processing.sources.devices import Device


def test_there_is_shared_memory_here_and_none_of_it_is_kept(ordinary: Patient):
    before = set(os.listdir("/dev/shm")) if Path("/dev/shm").is_dir() else set()  # noqa: PTH208
    (found,) = check_shared_memory(ordinary)
    assert found.level in (Level.OK, Level.WARN)
    assert found.figures["needed_mb"] == 8
    if before:
        assert not {name for name in set(os.listdir("/dev/shm")) - before if str(os.getpid()) in name}  # noqa: PTH208


def test_without_shared_memory_the_other_way_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def none(*_: object) -> None:
        raise RingError("no space left on device")

    monkeypatch.setattr(shared_memory.RawRing, "create", none)
    (found,) = check_shared_memory(patient(tmp_path))
    assert found.level is Level.BAD
    assert 'video.worker = "thread"' in found.advice
    (found,) = check_shared_memory(patient(tmp_path, video__worker="thread"))
    assert found.level is Level.WARN


def test_little_shared_memory_is_told(ordinary: Patient, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(
        shared_memory.os, "statvfs", lambda _: SimpleNamespace(f_bavail=10, f_frsize=1_000_000), raising=False
    )
    (found,) = check_shared_memory(ordinary)
    assert found.level is Level.WARN
    assert "--shm-size" in found.advice


def test_devices_are_listed_and_none_is_no_failure(ordinary: Patient):
    assert {one.level for one in check_devices(ordinary)} <= {Level.OK, Level.WARN}
    seen = _cameras([Device("/dev/video0", "Builtin"), Device("/dev/video2", "/dev/video2")], [])
    assert (seen.level, seen.why) == (Level.OK, "/dev/video0 (Builtin); /dev/video2.")
    assert "usermod" in _cameras([], [Path("/dev/video0")]).advice
    assert "browser" in _cameras([], []).advice
    assert _microphones([]).level is Level.WARN


def test_a_taken_port_is_told_and_a_free_one_is_well(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        preview, ingest, api = check_ports(patient(tmp_path, preview__port=port, ingest__port=0, api__port=port))
    assert preview.level is Level.WARN
    assert f"127.0.0.1:{port}" in preview.why
    assert "preview.port" in preview.advice
    assert ingest.level is Level.OK
    assert api.level is Level.WARN
    assert "preview" in api.why
    (again, *_) = check_ports(patient(tmp_path, preview__port=port))
    assert again.level is Level.OK


@pytest.mark.parametrize(
    ("folder", "compiled", "level", "word"),
    [
        ("/some/folder", lambda: False, Level.OK, "Ready"),
        ("/some/folder", lambda: True, Level.OK, "Compiled just now"),
        (None, lambda: True, Level.WARN, "cannot be kept"),
    ],
)
def test_compiled_loops_are_ready_and_it_is_told_whether_they_stay(
    ordinary: Patient,
    monkeypatch: pytest.MonkeyPatch,
    folder: str | None,
    compiled: Callable[[], bool],
    level: Level,
    word: str,
):
    monkeypatch.setattr(kernels, "kept_in", lambda: folder)
    monkeypatch.setattr(kernels, "was_compiled", compiled)
    (found,) = check_kernels(ordinary)
    assert found.level is level
    assert word in found.why


def test_compiled_loops_are_kept_here(ordinary: Patient):
    (found,) = check_kernels(ordinary)
    assert "kept in" in found.why
    assert float(found.figures["ready_s"]) >= 0
