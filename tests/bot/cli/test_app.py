"""Every wrong command line ends in one line that says what, why and what to do, and in the right exit code."""

from __future__ import annotations

import struct
import threading
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from picture_lab import load_mask

from eyeline.bot.cli.app import run
from eyeline.bot.exit_codes import ExitCode

ROOM = "http://127.0.0.1:9/Room"


@pytest.fixture(autouse=True)
def nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings but those of the test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture
def weights() -> None:
    load_mask().close()


@pytest.fixture
def web_page() -> Iterator[str]:
    """A host that answers everything with a web page."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"<!DOCTYPE html><title>A shop</title>"
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class says so
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/Room"
    server.shutdown()
    server.server_close()


def fails(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Exit code and the one line of complaint."""
    code = run([*arguments, "--log-level", "error"] if arguments[0] in ("join", "preview") else arguments)
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    complaints = [line for line in err.splitlines() if line.startswith("eyeline: ")]
    assert len(complaints) == 1, err
    return code, complaints[0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["join"], "requires an argument"),
        (["join", ROOM, "--bakground", "blur"], "--bakground"),
        (["join", "https://meet.example.org"], "names a server but no room"),
        (["join", "ftp://meet.example.org/Room"], "https"),
        (["join", "https://meet.example.org/a/b/c"], "path parts"),
        (["join", ROOM, "--source", "pattern", "--background", "blur:500"], "0 to 100"),
        (["join", ROOM, "--source", "pattern", "--background", "color:blue"], "#rrggbb"),
        (["join", ROOM, "--source", "no/such/clip.mp4"], "no file"),
        (["join", ROOM, "--source", "gopher://host/x"], "gopher"),
        (["join", ROOM, "--width", "641"], "video.width_px"),
        (["join", ROOM, "--config", "no-such.toml"], "no-such.toml"),
        (["preview", "--port", "99999"], "preview.port"),
        (["sing"], "sing"),
    ],
)
def test_what_cannot_be_asked_for(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, line = fails(arguments, capsys)
    assert code == ExitCode.USAGE
    assert words in line


@pytest.mark.usefixtures("weights")
@pytest.mark.parametrize("background", ["no-such-name", "missing.png", "broken.png", "bomb.png"])
def test_a_background_that_cannot_be_used(background: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "broken.png").write_bytes(b"not a picture at all")
    (tmp_path / "bomb.png").write_bytes(_png_of(10_000, 10_000))
    code, line = fails(["join", ROOM, "--source", "pattern", "--background", background], capsys)
    assert code == ExitCode.USAGE
    assert background.partition(".")[0] in line


@pytest.mark.usefixtures("weights")
def test_no_camera(capsys: pytest.CaptureFixture[str]) -> None:
    code, line = fails(["join", ROOM, "--source", "camera:/dev/video99"], capsys)
    assert code == ExitCode.MEDIA
    assert "video99" in line


@pytest.mark.usefixtures("weights")
def test_a_device_that_is_no_camera(capsys: pytest.CaptureFixture[str]) -> None:
    code, line = fails(["join", ROOM, "--source", "camera:/dev/null"], capsys)
    assert code == ExitCode.MEDIA
    assert "/dev/null" in line


@pytest.mark.usefixtures("weights")
@pytest.mark.parametrize(
    ("url", "words"),
    [("https://no-such-host.invalid/Room", "no-such-host.invalid"), (ROOM, "127.0.0.1")],
)
def test_a_host_that_cannot_be_reached(url: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, line = fails(["join", url, "--source", "pattern"], capsys)
    assert code == ExitCode.NETWORK
    assert words in line


@pytest.mark.usefixtures("weights")
def test_a_host_that_is_no_jitsi(web_page: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, line = fails(["join", web_page, "--source", "pattern"], capsys)
    assert code == ExitCode.NETWORK
    assert "Jitsi" in line


def test_no_weights_and_no_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EYELINE_MODELS__DIRECTORY", str(tmp_path / "models"))
    code, line = fails(["join", ROOM, "--source", "pattern", "--offline"], capsys)
    assert code == ExitCode.MODEL
    assert "eyeline models fetch" in line


def test_an_unknown_setting(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "eyeline.toml").write_text('[video]\nsorce = "pattern"\n')
    code, line = fails(["config", "show"], capsys)
    assert code == ExitCode.USAGE
    assert "source" in line


def test_a_link_that_nobody_would_read(capsys: pytest.CaptureFixture[str]) -> None:
    code, line = fails(["join", ROOM, "--source", "browser", "--json"], capsys)
    assert code == ExitCode.USAGE
    assert "EYELINE_INGEST__TOKEN" in line


def test_help_and_version_are_no_errors(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == ExitCode.OK
    assert run(["join", "--help"]) == ExitCode.OK
    assert "--background" in capsys.readouterr().out


def _png_of(width_px: int, height_px: int) -> bytes:
    """A PNG that says it is that large, and would be one colour."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width_px, height_px, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * ((width_px + 1) * height_px))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
