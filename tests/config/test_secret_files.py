from __future__ import annotations

import pytest

from eyeline.config.settings import SettingsError

SECRET = "hunter2"


@pytest.fixture
def secret_file(tmp_path):
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    return file


def test_the_environment_gives_secrets_and_nothing_shows_them(load):
    loaded = load(environ={"EYELINE_MEETING__PASSWORD": SECRET, "EYELINE_JITSI__TOKEN": SECRET})
    assert loaded.settings.meeting.password.get_secret_value() == SECRET
    assert loaded.settings.jitsi.token.get_secret_value() == SECRET
    assert SECRET not in repr(loaded)
    assert loaded.masked()["meeting.password"] == loaded.masked()["jitsi.token"] == "********"
    assert str(loaded.origins["meeting.password"]) == "environment variable EYELINE_MEETING__PASSWORD"


@pytest.mark.parametrize("key", ["client_secret", "jwt", "zak", "on_behalf_token", "access_token"])
def test_zooms_secrets_are_secret(load, secret_file, key):
    for environ in ({f"EYELINE_ZOOM__{key.upper()}": SECRET}, {f"EYELINE_ZOOM__{key.upper()}_FILE": str(secret_file)}):
        loaded = load(environ=environ)
        assert getattr(loaded.settings.zoom, key).get_secret_value() == SECRET
        assert SECRET not in repr(loaded)
        assert loaded.masked()[f"zoom.{key}"] == "********"
    with pytest.raises(SettingsError, match="flags can be read by others"):
        load({f"zoom.{key}": SECRET})


def test_files_give_secrets(load, project, secret_file):
    project.write_text('[meeting]\npassword_file = "../secret"\n')
    loaded = load()
    assert loaded.settings.meeting.password.get_secret_value() == SECRET
    origin = str(loaded.origins["meeting.password"])
    assert origin.startswith(f"project file {project} → ")
    assert origin.endswith("secret")


def test_the_variable_wins_over_a_file_unless_the_file_is_a_flag(load, secret_file):
    environ = {"EYELINE_JITSI__TOKEN": "other", "EYELINE_JITSI__TOKEN_FILE": str(secret_file)}
    assert load(environ=environ).settings.jitsi.token.get_secret_value() == "other"
    flags = {"jitsi.token_file": secret_file}
    assert load(flags, environ).settings.jitsi.token.get_secret_value() == SECRET
    environ["EYELINE_JITSI__TOKEN"] = ""
    assert load(environ=environ).settings.jitsi.token.get_secret_value() == SECRET


def test_a_file_that_is_not_needed_is_not_read(load):
    environ = {"EYELINE_JITSI__TOKEN": "other", "EYELINE_JITSI__TOKEN_FILE": "/nothing"}
    assert load(environ=environ).settings.jitsi.token.get_secret_value() == "other"


def test_a_secret_in_a_settings_file_is_refused(load, project, user):
    for file, text in ((project, f"[meeting]\npassword = '{SECRET}'"), (user, f"[jitsi]\ntoken = '{SECRET}'")):
        file.write_text(text)
        with pytest.raises(SettingsError, match="must not be written there") as caught:
            load()
        assert str(file) in caught.value.message
        assert "_file" in caught.value.hint
        assert SECRET not in str(caught.value)
        file.unlink()


def test_a_secret_as_a_flag_is_refused(load):
    with pytest.raises(SettingsError, match="flags can be read by others") as caught:
        load({"meeting.password": SECRET})
    assert SECRET not in str(caught.value)
    assert "EYELINE_MEETING__PASSWORD" in caught.value.hint


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "No such file"),
        (b"", "does not hold a secret"),
        (b"\n", "does not hold a secret"),
        (b"hunter2\nhunter2\n", "does not hold a secret"),
        (b"x" * 100_000, "does not hold a secret"),
        (b"hunter2\xff", "not UTF-8"),
    ],
)
def test_unusable_files_are_named_and_their_content_is_not(load, tmp_path, content, message):
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsError, match=message) as caught:
        load({"jitsi.token_file": file})
    assert str(file) in caught.value.message
    assert "jitsi.token_file (flag)" in caught.value.message
    assert SECRET not in str(caught.value)
    assert "EYELINE_JITSI__TOKEN" in caught.value.hint
