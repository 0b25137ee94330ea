from __future__ import annotations

import json
import tomllib

import pytest

from eyeline.bot.cli import config as module
from eyeline.config.schema import fields
from eyeline.config.settings_errors import SettingsError


@pytest.fixture
def run(nowhere, capsys):
    """Run a command; what it wrote to standard output comes back."""

    def run(*arguments):
        module.app(arguments, result_action="return_value")
        return capsys.readouterr().out

    return run


def test_show_tells_every_setting_as_toml(run):
    shown = tomllib.loads(run("show"))
    assert {f"{group}.{name}" for group, table in shown.items() for name in table} == set(fields())
    assert shown["video"]["fps"] == 30
    assert shown["models"]["offline"] is False


def test_show_origin(run, nowhere, monkeypatch):
    (nowhere / "eyeline.toml").write_text('[meeting]\nname = "A \\"B\\" \\\\ C"\n')
    monkeypatch.setenv("EYELINE_VIDEO__FPS", "15")
    lines = run("show", "--origin").splitlines()
    assert 'video.source = "camera"  # default' in lines
    assert "video.fps = 15  # environment variable EYELINE_VIDEO__FPS" in lines
    assert f'meeting.name = "A \\"B\\" \\\\ C"  # project file {nowhere / "eyeline.toml"}' in lines
    origin = json.loads(run("show", "--origin", "--json"))["video.fps"]
    assert origin == {"value": 15, "origin": "environment variable EYELINE_VIDEO__FPS"}


@pytest.mark.parametrize("secret", ["x", "hunter2" * 20])
def test_secrets_are_masked_whatever_their_length(run, monkeypatch, secret):
    monkeypatch.setenv("EYELINE_MEETING__PASSWORD", secret)
    assert 'meeting.password = "********"' in run("show").splitlines()
    assert json.loads(run("show", "--json"))["meeting.password"] == "********"
    assert 'jitsi.token = ""' in run("show").splitlines()


def test_another_file_can_be_named(run, nowhere):
    (nowhere / "other.toml").write_text("[video]\nfps = 7\n")
    assert json.loads(run("show", "--config", "other.toml", "--json"))["video.fps"] == 7
    with pytest.raises(SettingsError):
        run("show", "--config", "none.toml")


def test_path_tells_where_files_are_looked_for(run, nowhere):
    user, project = run("path").splitlines()
    assert user.startswith("user ")
    assert str(nowhere.parent / "home") in user
    assert user.endswith("(not there)")
    (nowhere / "eyeline.toml").write_text("")
    user, project = json.loads(run("path", "--json"))
    assert project == {"kind": "project", "path": str(nowhere / "eyeline.toml"), "exists": True}
    assert user["exists"] is False
