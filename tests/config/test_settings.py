from __future__ import annotations

import pytest
from pydantic import ValidationError

from eyeline.config.errors import UsageError
from eyeline.config.layers import variable_name
from eyeline.config.schema import SECRET_KEYS, fields
from eyeline.config.settings import OriginKind, SettingsError, load_settings, project_file_path, user_file_path


def refused(load, *args, **kwargs):
    with pytest.raises(SettingsError) as caught:
        load(*args, **kwargs)
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value, UsageError)
    return caught.value


def test_defaults_are_complete_and_come_from_the_packaged_file(load):
    loaded = load()
    assert set(loaded.origins) == set(fields()) - set(SECRET_KEYS)
    assert {origin.kind for origin in loaded.origins.values()} == {OriginKind.DEFAULT}
    settings = loaded.settings
    assert (settings.video.source, settings.video.width_px, settings.video.height_px) == ("camera", 1280, 720)
    assert (settings.video.fps, settings.audio.source, settings.effects.background) == (30, "silence", "blur")
    assert (settings.video.worker, settings.video.worker_memory_mb) == ("process", 1500)
    assert (settings.video.runtime, settings.video.device, settings.video.mask_model) == ("auto", "cpu", None)
    assert settings.video.gaze_warper in ("geometric", "learned")
    assert settings.meeting.notice == "This camera is processed by Eyeline."
    assert (settings.meeting.password, settings.jitsi.token, settings.jitsi.ca_file) == (None, None, None)
    assert (settings.models.directory, settings.models.offline) == (None, False)
    assert (settings.preview.host, settings.preview.port, settings.log.level) == ("127.0.0.1", 8088, "info")


def test_every_setting_says_what_is_allowed():
    assert all(fields().values())


def test_later_layers_win_and_every_value_knows_where_it_came_from(load, project, user):
    user.write_text('[video]\nsource = "user"\nfps = 10\n[meeting]\nname = "User"\n[log]\nlevel = "debug"\n')
    project.write_text('[video]\nsource = "project"\nfps = 20\n[meeting]\nname = "Project"\n')
    loaded = load(
        {"video.source": "flag", "audio.source": None}, {"EYELINE_VIDEO__SOURCE": "env", "EYELINE_VIDEO__FPS": "25"}
    )
    assert loaded.settings.video.source == "flag"
    assert loaded.settings.video.fps == 25
    assert loaded.settings.meeting.name == "Project"
    assert loaded.settings.log.level == "debug"
    assert {key: str(loaded.origins[key]) for key in ("video.source", "video.fps", "meeting.name", "log.level")} == {
        "video.source": "flag",
        "video.fps": "environment variable EYELINE_VIDEO__FPS",
        "meeting.name": f"project file {project}",
        "log.level": f"user file {user}",
    }
    assert loaded.origins["audio.source"].kind is OriginKind.DEFAULT


def test_an_explicit_file_stands_in_for_the_project_file(load, project, tmp_path):
    project.write_text("[video]\nfps = 20\n")
    other = tmp_path / "other.toml"
    other.write_text("[video]\nwidth_px = 640\n")
    loaded = load(project_file=other)
    assert (loaded.settings.video.fps, loaded.settings.video.width_px) == (30, 640)
    assert "There is no settings file" in refused(load, project_file=tmp_path / "none.toml").message


@pytest.mark.parametrize("token", ["short", "with a space in it 1234", "0123456789abcdé", "=" * 20])
def test_a_token_that_no_header_can_carry_is_refused_and_not_repeated(load, token):
    error = refused(load, environ={"EYELINE_INGEST__TOKEN": token})
    assert "ingest.token" in error.message
    assert token not in str(error)


def test_a_token_of_ones_own_is_masked(load):
    loaded = load(environ={"EYELINE_INGEST__TOKEN": "abcdefghijklmnop-._~+/=="})
    assert loaded.settings.ingest.token.get_secret_value() == "abcdefghijklmnop-._~+/=="
    assert loaded.masked()["ingest.token"] == "********"
    assert "abcdefgh" not in repr(loaded)


def test_settings_are_frozen(load):
    settings = load().settings
    with pytest.raises(ValidationError):
        settings.video.fps = 3
    with pytest.raises(TypeError):
        load().origins["video.fps"] = None


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("video.width_px", 1281, "an even number from 160 to 3840"),
        ("video.height_px", 158, "an even number from 160 to 3840"),
        ("video.height_px", 3842, "an even number from 160 to 3840"),
        ("video.runtime", "tensorrt", "auto, litert, torch or onnx"),
        ("video.device", "GPU 1", "cpu, cuda, cuda:1, mps or another device that torch knows"),
        ("video.fps", 0, "a whole number from 1 to 60"),
        ("video.fps", 61, "a whole number from 1 to 60"),
        ("video.fps", 29.97, "a whole number from 1 to 60"),
        ("video.source", " ", "a line of text, not empty"),
        ("meeting.name", "", "a name of 1 to 80 characters on one line"),
        ("meeting.name", "a\nb", "a name of 1 to 80 characters on one line"),
        ("preview.host", "0.0.0.0", "an address of this machine only"),
        ("preview.host", "example.org", "an address of this machine only"),
        ("preview.port", 70000, "a port from 1 to 65535, or 0"),
        ("log.level", "loud", "debug, info, warning or error"),
        ("jitsi.websocket", "https://x", "a URL with wss://"),
        ("jitsi.domain", "https://x", "an XMPP address"),
        ("zoom.client_id", "a b", "the client id of an app on Zoom's marketplace"),
        ("zoom.fetch", "obf", "on-behalf or zak"),
        ("zoom.api_url", "http://api.zoom.us", "a URL with https://"),
        ("zoom.max_height_px", 90, "an even number from 160 to 3840"),
        ("models.offline", "perhaps", "true or false"),
    ],
)
def test_values_out_of_range_are_named_with_origin_and_what_is_allowed(load, key, value, allowed):
    error = refused(load, {key: value})
    assert error.message.startswith(f"{key} is {value!r} (flag), but must be {allowed}")
    variable = variable_name(key)
    error = refused(load, environ={variable: str(value)})
    assert error.message.startswith(f"{key} is {str(value)!r} (environment variable {variable}), but must be {allowed}")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("preview.host", "::1"),
        ("preview.host", "127.3.2.1"),
        ("preview.host", "localhost"),
        ("log.level", "WARNING"),
        ("meeting.notice", ""),
        ("meeting.name", "Åsa 🙂"),
        ("jitsi.focus", "focus@auth.meet.example"),
        ("video.width_px", 160),
        ("video.fps", 60),
    ],
)
def test_values_at_the_edge_are_taken(load, key, value):
    shown = load({key: value}).masked()[key]
    assert shown == (value.lower() if key == "log.level" else value)


def test_all_mistakes_are_told_at_once(load, project):
    project.write_text("[video]\nwidth_px = 1\nfps = 0\n")
    error = refused(load)
    assert f"video.width_px is 1 (project file {project})" in error.message
    assert f"video.fps is 0 (project file {project})" in error.message


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("[video]\nsorce = 'x'", "There is no setting video.sorce (project file ", "Did you mean video.source?"),
        ("[vidoe]\nsource = 'x'", "There is no setting vidoe.source", "Did you mean video.source?"),
        ("zzz = 1", "There is no setting zzz", "eyeline config show lists all settings."),
        ("video = 3", "video (project file ", "In a file, write it as a table: [video]"),
        ("[video.fps]\nx = 1", "There is no setting video.fps.x", "Did you mean video.fps?"),
    ],
)
def test_unknown_settings_in_a_file(load, project, text, message, hint):
    project.write_text(text)
    error = refused(load)
    assert error.message.startswith(message)
    assert error.hint == hint


def test_unknown_settings_elsewhere(load):
    error = refused(load, environ={"EYELINE_VIDEO__SORUCE": "x"})
    assert "EYELINE_VIDEO__SORUCE" in error.message
    assert error.hint == "Did you mean EYELINE_VIDEO__SOURCE?"
    assert "video.nothing" in refused(load, {"video.nothing": 1}).message
    load(environ={"EYELINE_HOME": "not ours to judge", "OTHER__X": "1"})


def test_broken_files_are_named_with_the_line(load, project):
    project.write_text("[video]\nfps = \n")
    error = refused(load)
    assert str(project) in error.message
    assert "line 2" in error.message
    project.write_bytes(b"[video]\nsource = '\xff'\n")
    assert "not UTF-8" in refused(load).message
    project.unlink()
    project.mkdir()
    assert "Cannot read the settings file" in refused(load).message


def test_relative_paths_count_from_who_says_them(load, project, user):
    user.write_text('[backgrounds]\ndirectory = "pictures"\n')
    project.write_text('[models]\ndirectory = "weights"\n[jitsi]\nca_file = "/etc/ca.pem"\n')
    settings = load().settings
    assert settings.backgrounds.directory == user.parent / "pictures"
    assert settings.models.directory == project.parent / "weights"
    assert str(settings.jitsi.ca_file) == "/etc/ca.pem"
    assert load({"models.directory": "here"}).settings.models.directory == project.parent / "here"


def test_a_tilde_is_the_home_folder(load, monkeypatch):
    monkeypatch.setenv("HOME", "/home/ada")
    assert str(load({"models.directory": "~/weights"}).settings.models.directory) == "/home/ada/weights"


def test_logins_in_urls_are_not_shown(load):
    loaded = load({"video.source": "rtsp://ada:hunter2@192.0.2.1/"})
    assert loaded.masked()["video.source"] == "rtsp://********@192.0.2.1/"
    assert "hunter2" not in str(refused(load, {"video.source": "rtsp://ada:hunter2@x/\n"}))


def test_without_arguments_this_machine_is_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EYELINE_MEETING__NAME", "Ada")
    (tmp_path / "eyeline.toml").write_text("[video]\nfps = 12\n")
    settings = load_settings().settings
    assert (settings.meeting.name, settings.video.fps) == ("Ada", 12)
    assert project_file_path() == tmp_path / "eyeline.toml"
    assert user_file_path().name == "eyeline.toml"
