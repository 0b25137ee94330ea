"""`eyeline serve` as a process, steered by `eyeline ctl`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from picture_lab import load_mask


@dataclass
class Running:
    """A served program."""

    port: str
    folder: Path
    environ: dict[str, str]

    def ctl(self, *arguments: str, token: bool = True) -> subprocess.CompletedProcess[str]:
        more = ["--token-file", "token"] if token else []
        command = [sys.executable, "-m", "eyeline.bot", "ctl", *arguments, "--port", self.port, *more]
        return subprocess.run(
            command, capture_output=True, text=True, cwd=self.folder, env=self.environ, timeout=200, check=False
        )


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    load_mask().close()
    folder = tmp_path_factory.mktemp("served")
    environ = {name: value for name, value in os.environ.items() if not name.startswith("EYELINE_")}
    environ |= {"XDG_DATA_HOME": str(folder / "data"), "XDG_CONFIG_HOME": str(folder / "config")}
    command = [sys.executable, "-m", "eyeline.bot", "serve", "--source", "pattern", "--listen", "127.0.0.1:0"]
    with subprocess.Popen(
        [*command, "--token-file", "token"], stdout=subprocess.PIPE, text=True, cwd=folder, env=environ
    ) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"Listening: http://127\.0\.0\.1:(\d+)/", process.stdout.readline())
            assert found is not None
            yield Running(found[1], folder, environ)
        finally:
            process.terminate()
            assert process.wait(30) == 0


def test_the_token_is_for_this_user_alone(running: Running) -> None:
    path = running.folder / "token"
    assert path.stat().st_mode & 0o077 == 0
    assert len(path.read_text().strip()) >= 32


def test_steering(running: Running) -> None:
    assert running.ctl("bg", "color:#204060").stdout == "Background: colour #204060.\n"
    assert "colour #204060" in running.ctl("status").stdout
    assert "blurred (40 of 100)" in running.ctl("blur", "40").stdout
    assert "Taken back" in running.ctl("undo").stdout
    assert "card is shown" in running.ctl("panic").stdout
    assert running.ctl("do", json.dumps({"kind": "video", "on": True})).stdout == "The video is on.\n"


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["bg", "studoi"], 3, "Did you mean"),
        (["leave"], 3, "no meeting"),
        (["blur", "500"], 2, "no command"),
        (["do", "{"], 2, "no JSON"),
        (["do", '{"kind": "nonsense"}'], 2, "no command"),
        (["join", "https://meet.example.org"], 3, "no room"),
    ],
)
def test_what_is_refused(running: Running, arguments: list[str], code: int, told: str) -> None:
    ended = running.ctl(*arguments)
    assert ended.returncode == code, ended
    assert told in ended.stderr
    assert "Traceback" not in ended.stderr


def test_without_a_token(running: Running) -> None:
    ended = running.ctl("status", token=False)
    assert (ended.returncode, "no token" in ended.stderr) == (2, True), ended


def test_nobody_there(running: Running, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("another-token-0123456789\n")
    elsewhere = Running("9", tmp_path, running.environ)
    ended = elsewhere.ctl("status")
    assert (ended.returncode, "No running Eyeline" in ended.stderr) == (4, True), ended
    assert Running(running.port, tmp_path, running.environ).ctl("status").returncode == 3
