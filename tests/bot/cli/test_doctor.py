"""`eyeline doctor`, as a command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eyeline.bot.cli.app import run
from eyeline.bot.exit_codes import ExitCode


@pytest.mark.usefixtures("nowhere")
def test_each_thing_is_a_line(capsys: pytest.CaptureFixture[str]):
    assert run(["doctor", "machine", "memory", "ports"]) == ExitCode.OK
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0].split(None, 1)[1] for line in lines] == [
        *("python", "system", "cpu", "ram", "shared memory", "preview port", "ingest port", "api port")
    ]
    assert {line.split()[0] for line in lines} <= {"ok", "warn"}
    assert all(" Next: " in line for line in lines if line.startswith("warn"))


@pytest.mark.usefixtures("nowhere")
def test_all_of_it_as_json_for_programs(capsys: pytest.CaptureFixture[str]):
    assert run(["doctor", "--json"]) == ExitCode.OK
    told = json.loads(capsys.readouterr().out)
    assert told["level"] in ("ok", "warn")
    assert {"machine", "settings", "weights", "kernels", "picture", "encoders", "memory", "devices", "ports"} <= {
        check["topic"] for check in told["checks"]
    }
    assert all({"topic", "level", "what", "why", "advice", "figures"} == set(check) for check in told["checks"])


def test_what_is_bad_is_told_and_ends_with_a_code(nowhere: Path, capsys: pytest.CaptureFixture[str]):
    (nowhere / "eyeline.toml").write_text("[video]\nfps = 0\n")
    assert run(["doctor", "settings", "ports"]) == ExitCode.USAGE
    told = capsys.readouterr()
    assert told.out.startswith("bad   settings: ")
    assert "preview port" in told.out
    assert told.err.startswith("eyeline: ")
    assert "settings" in told.err
    assert run(["doctor", "settings", "--json"]) == ExitCode.USAGE
    assert json.loads(capsys.readouterr().out)["level"] == "bad"


def test_an_unknown_subject_is_refused(capsys: pytest.CaptureFixture[str]):
    assert run(["doctor", "tea"]) == ExitCode.USAGE
    assert "weights" in capsys.readouterr().err
