"""`eyeline doctor zoom`: the real SDK in a process of its own, and real connections on this machine alone."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from ssl import SSLContext

import pytest
from doctor_lab import patient
from web_lab import authority

from eyeline.bot.cli.app import run
from eyeline.bot.doctor import zoom
from eyeline.bot.doctor.diagnosis import Level, Patient
from eyeline.bot.doctor.topics import TOPICS, chosen
from eyeline.bot.doctor.zoom import app_of, check_zoom, imported, libraries, reachability, user_of
from eyeline.config.settings import load_settings
from eyeline.integrations.zoom.credentials import ZoomCredentials
from eyeline.integrations.zoom.sdk import is_installed, platform_fault
from eyeline.integrations.zoom.token import SdkToken

NOW_S = 1_800_000_000.0
SECRET = "hunter2-of-the-app-0123456789abc"

needs_sdk = pytest.mark.skipif(bool(platform_fault()) or not is_installed(), reason="there is no SDK here")


@pytest.fixture(autouse=True)
def nowhere_else(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """No test connects to anything but this machine."""
    connected: list[tuple[str, int]] = []
    connect = socket.create_connection

    def here(address: tuple[str, int], **how: float) -> socket.socket:
        connected.append(address)
        if address[0] != "localhost":
            raise socket.gaierror(-3, "Temporary failure in name resolution")
        return connect(address, **how)

    monkeypatch.setattr(zoom.socket, "create_connection", here)
    return connected


def test_it_is_looked_at_only_when_asked() -> None:
    assert "zoom" not in [topic.name for topic in chosen(())]
    assert [topic.name for topic in chosen(("zoom",))] == ["zoom"]
    assert [topic for topic in TOPICS if topic.only_when_asked]


@needs_sdk
def test_the_real_sdk_loads_elsewhere_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    found = imported(zoom.IMPORT_PROBE)
    assert (found.level, found.figures["version"]) == (Level.OK, "0.0.27")
    assert list(tmp_path.iterdir()) == []
    assert "zoom_meeting_sdk" not in __import__("sys").modules


def test_a_library_that_prints_and_a_home_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EYELINE_ZOOM__ZAK", SECRET)
    probe = zoom.IMPORT_PROBE.replace(
        "import zoom_meeting_sdk", "import os; os.system('echo rubbish; echo rubbish >&2')"
    )
    told = probe.replace(
        'told = {"version": version("zoom-meeting-sdk")}',
        'told = {"version": str([os.environ["HOME"], oct(os.stat(os.environ["HOME"]).st_mode & 0o777), "EYELINE_ZOOM__ZAK" in os.environ])}',  # noqa: E501
    )
    found = imported(told)
    home, mode, has_secret = eval(str(found.figures["version"]))
    assert (mode, has_secret) == ("0o700", False)
    assert home != os.environ["HOME"]
    assert not Path(home).exists()


@pytest.mark.parametrize(
    ("probe", "told"),
    [
        (
            zoom.IMPORT_PROBE.replace("import zoom_meeting_sdk", "raise ImportError('libGL.so.1: cannot open')"),
            "libGL.so.1",
        ),
        ("import os; os.abort()", "crashes"),
        ("print('rubbish')", "crashes"),
        ("", "crashes"),
    ],
)
def test_an_sdk_that_does_not_load_harms_nobody(probe: str, told: str) -> None:
    found = imported(probe)
    assert found.level is Level.BAD
    assert told in found.why
    assert "pip install" in found.advice


def test_an_sdk_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zoom, "_PROBE_LIMIT_S", 0.3)
    assert "does not load within" in imported("import time; time.sleep(60)").why


def test_says_what_is_wrong_with_the_app() -> None:
    def level(**given: str) -> tuple[Level, str]:
        found = app_of(ZoomCredentials(**given), NOW_S)
        assert found.level is Level.OK or found.advice
        return found.level, found.why

    assert level()[0] is Level.BAD
    assert level(client_id="an-app")[1].endswith("no client secret.")
    assert level(client_id="an-app", client_secret=SECRET)[0] is Level.OK
    assert level(jwt="a.b.c")[0] is Level.BAD
    assert "expired" in level(jwt=SdkToken.made("an-app", SECRET, NOW_S - 9000).text)[1]
    soon, why = level(jwt=SdkToken.made("an-app", SECRET, NOW_S).text)
    assert soon is Level.WARN
    assert "2 hours from now" in why


def test_says_whose_tokens_there_are() -> None:
    assert user_of(ZoomCredentials(), NOW_S).level is Level.OK
    assert "a ZAK and an access token" in user_of(ZoomCredentials(zak="a", access_token="b"), NOW_S).why
    assert user_of(ZoomCredentials(zak="a b"), NOW_S).level is Level.BAD
    once = user_of(ZoomCredentials(on_behalf_token="a"), NOW_S)
    assert once.level is Level.WARN
    assert "one join" in once.why


def test_says_what_the_system_lacks() -> None:
    assert libraries([]).level is Level.OK
    found = libraries(["libGL.so.1"])
    assert (found.level, found.advice) == (Level.BAD, "Run: apt-get install libgl1")


@contextmanager
def tls_server(serving: SSLContext | None) -> Iterator[int]:
    """Takes connections, shakes hands where it can, and closes."""
    with socket.create_server(("localhost", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                    connection.settimeout(5)
                    with serving.wrap_socket(connection, server_side=True) if serving else connection as encrypted:
                        encrypted.recv(1)
                except OSError:
                    if server.fileno() < 0:
                        return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            server.close()
            thread.join(10)


def test_tells_a_server_that_answers_from_one_in_between(tmp_path: Path) -> None:
    trusted, serving = authority(tmp_path, ("localhost",))
    with tls_server(serving) as port:
        assert reachability("localhost", port, trusted).level is Level.OK
        between = reachability("localhost", port)
    assert between.level is Level.BAD
    assert "cannot prove who it is" in between.why
    with tls_server(None) as port:
        assert reachability("localhost", port, trusted).level is Level.BAD
    refused = reachability("localhost", port, trusted)
    assert "cannot be reached" in refused.why


def test_no_network_is_told_in_plain_words(nowhere_else: list[tuple[str, int]]) -> None:
    found = reachability("zoom.us")
    assert found.level is Level.BAD
    assert "no network" in found.why
    assert nowhere_else == [("zoom.us", 443)]


def with_secrets(tmp_path: Path) -> Patient:
    environ = {
        "EYELINE_ZOOM__CLIENT_ID": "an-app",
        "EYELINE_ZOOM__CLIENT_SECRET": SECRET,
        "EYELINE_ZOOM__ZAK": f"zak-{SECRET}",
    }
    return Patient(load_settings({}, cwd=tmp_path, environ=environ, user_file=tmp_path / "none.toml").settings)


def test_all_of_it_and_no_secret(tmp_path: Path, nowhere_else: list[tuple[str, int]]) -> None:
    found = list(check_zoom(with_secrets(tmp_path)))
    assert [one.what for one in found][-4:] == ["zoom app", "zoom user", "zoom network", "zoom meetings"]
    assert "as the user" in found[-1].why
    assert SECRET not in json.dumps([one.as_json() for one in found])
    assert nowhere_else == [("zoom.us", 443)]
    without = list(check_zoom(patient(tmp_path)))
    assert without[-1].level is Level.WARN
    assert "None can be joined" in without[-1].why


def test_where_there_is_no_sdk_a_camera_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    first = next(iter(check_zoom(patient(tmp_path))))
    assert first.level is Level.BAD
    assert "aarch64" in first.why
    assert "eyeline camera" in first.advice


def test_as_a_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EYELINE_ZOOM__CLIENT_SECRET", SECRET)
    assert run(["doctor", "zoom"]) == 2
    told = capsys.readouterr()
    assert "bad   zoom app: There is a client secret for Zoom, but no client id." in told.out
    assert SECRET not in told.out + told.err
