from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

from eyeline.bot.cli import backgrounds as module
from eyeline.bot.cli.app import run as run_all
from eyeline.processing.art import PAINTERS
from eyeline.processing.errors import BackgroundError


@pytest.fixture
def run(nowhere, capsys):
    """Run a command; what it wrote to standard output comes back."""

    def run(*arguments):
        module.app(arguments, result_action="return_value")
        return capsys.readouterr().out

    return run


@pytest.fixture
def photo(nowhere):
    path = nowhere / "My photo.jpg"
    cv2.imwrite(str(path), np.full((90, 160, 3), (10, 200, 10), np.uint8))
    return path


def test_a_life_of_a_background(run, nowhere, photo):
    (nowhere / "eyeline.toml").write_text('[backgrounds]\ndirectory = "mine"\n')
    assert run("add", str(photo)).split() == ["My-photo", "picture", "added"]
    assert run("rename", "my-photo", "strand").split() == ["strand", "picture", "renamed"]
    listed = run("list").splitlines()
    assert len(listed) == len(PAINTERS) + 2
    assert [line.split()[:2] for line in listed if line.startswith("strand")] == [["strand", "picture"]]
    assert listed[-1] == f"your own: {nowhere / 'mine'}"
    assert run("show", "strand", "--thumbnail", "small.jpg").splitlines()[-1] == str(nowhere / "mine" / "strand.jpg")
    assert cv2.imread(str(nowhere / "small.jpg")).shape == (180, 320, 3)
    assert run("remove", "strand").split() == ["strand", "picture", "removed"]
    assert len(run("list").splitlines()) == len(PAINTERS) + 1
    assert photo.is_file()


def test_as_json(run, photo):
    assert json.loads(run("add", str(photo), "--name", "strand", "--json", "--directory", "d"))["kind"] == "picture"
    entries = json.loads(run("list", "--json", "--directory", "d"))
    assert [entry["name"] for entry in entries] == sorted([*PAINTERS, "strand"])
    strand = next(entry for entry in entries if entry["name"] == "strand")
    assert strand["size_bytes"] == photo.stat().st_size
    assert strand["path"].endswith("strand.jpg")
    assert json.loads(run("show", "dusk", "--json"))["kind"] == "drawn"


def test_damaged_files_are_listed_with_their_reason(run, nowhere):
    (nowhere / "bad.png").write_text("no picture")
    (line,) = (line for line in run("list", "--directory", ".").splitlines() if line.startswith("bad"))
    assert line.split()[1] == "unusable"
    assert "bad.png" in line
    with pytest.raises(BackgroundError):
        run("show", "bad", "--directory", ".")


def test_errors_end_in_one_line_and_the_code_of_usage(nowhere, capsys):
    for arguments in (
        ["remove", "dusk"],
        ["remove", "nothing"],
        ["add", "none.png"],
        ["rename", "dusk", "../up"],
        ["show", "dusk", "--thumbnail", "a.gif"],
    ):
        assert run_all(["backgrounds", *arguments]) == 2
        lines = capsys.readouterr().err.splitlines()
        assert len(lines) == 1
        assert lines[0].startswith("eyeline: ")
