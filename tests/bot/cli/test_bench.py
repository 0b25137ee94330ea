"""`eyeline bench` as a person calls it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from eyeline.bot.bench import report, session
from eyeline.bot.cli import app as command_line
from eyeline.bot.cli import bench as module
from eyeline.bot.exit_codes import ExitCode

RESULT = {"codec": "vp8", "ratio_to_bare_codec": 1.052, "unasked_keyframes": 0, "cases": {"overload": {"flat": True}}}


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[tuple]:
    """Nothing is measured; what was asked for is noted."""
    asked: list[tuple] = []

    async def run(*arguments, **more):
        asked.append((arguments[0], arguments[1], *more.values()))
        arguments[3]("a step")
        return RESULT

    monkeypatch.setattr(module, "run_publish", run)
    monkeypatch.setattr(module, "run_proxy", run)
    return asked


def test_json_is_all_that_stands_on_standard_output(nowhere, measured, capsys):
    assert command_line.run(["bench", "publish", "--codec", "h264", "--seconds", "5", "--json"]) == ExitCode.OK
    output = capsys.readouterr()
    assert json.loads(output.out) == RESULT
    assert output.err == "a step\n"
    assert measured == [("h264", 5.0)]


def test_a_table_for_people(nowhere, measured, capsys):
    assert command_line.run(["bench", "proxy", "--case", "all", "--work-ms", "20"]) == ExitCode.OK
    words = capsys.readouterr().out.split()
    for word in ("ratio_to_bare_codec", "1.05", "1.10", "overload", "flat", "yes"):
        assert word in words
    [(codec, seconds, cases, work_ms, worker)] = measured
    assert (codec, seconds, work_ms, worker) == ("vp8", 30.0, 20.0, "process")
    assert [case.value for case in cases][:2] == ["quiet", "overload"]
    assert len(cases) == 6


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["publish", "--seconds", "1"], "too short"),
        (["proxy", "--seconds", "2.9"], "too short"),
        (["publish", "--clip", "nothing.mp4"], "cannot be measured with"),
        (["proxy", "--work-ms", "-1"], "out of range"),
        (["proxy", "--codec", "vp9"], "vp9"),
        (["proxy", "--case", "rain"], "rain"),
    ],
)
def test_what_cannot_be_measured(nowhere, arguments, complaint, capsys):
    assert command_line.run(["bench", *arguments]) == ExitCode.USAGE
    output = capsys.readouterr()
    assert complaint in output.err
    assert output.out == ""


def test_one_core_is_too_few(nowhere, monkeypatch, capsys):
    monkeypatch.setattr(session, "usable_cores", lambda: 1)
    assert command_line.run(["bench", "proxy"]) == ExitCode.USAGE
    assert "1 core" in capsys.readouterr().err


def test_a_measurement_that_fails(nowhere, monkeypatch, capsys):
    async def run(*_, **__):
        raise session.BenchUsageError("It rains.", hint="Wait.")

    monkeypatch.setattr(module, "run_publish", run)
    assert command_line.run(["bench", "publish"]) == ExitCode.USAGE
    assert "It rains. Wait." in capsys.readouterr().err


def test_ctrl_c_leaves_no_process_behind(nowhere):
    command = [sys.executable, "-m", "eyeline.bot", "bench", "proxy", "--seconds", "60"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as bench:
        children: list[psutil.Process] = []
        until_s = time.monotonic() + 60
        while len(children) < 2 and time.monotonic() < until_s:
            children = psutil.Process(bench.pid).children(recursive=True)
            time.sleep(0.1)
        assert len(children) >= 2
        os.kill(bench.pid, signal.SIGINT)
        out, err = bench.communicate(timeout=60)
    assert bench.returncode == ExitCode.INTERRUPTED, err
    assert out == ""
    _, alive = psutil.wait_procs(children, timeout=60)
    assert alive == []


def test_tables_write_what_they_are_given():
    [table] = report.tables("x", {"a": {"b": 1.234, "c": None}, "d": [1, 2], "e": 1234.5})
    rows = list(zip(table.columns[0].cells, table.columns[1].cells, strict=True))
    assert rows == [("a.b", "1.23"), ("a.c", "-"), ("d", "1 … 2"), ("e", "1234")]
