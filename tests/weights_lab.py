"""A small registry whose weights the tests know, wheels that carry them, and a web server that can misbehave."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import threading
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from eyeline.models.registry import ModelEntry, Wheel, WheelMember

PROJECT = "eyeline-test-weights"
WHEEL_NAME = "eyeline_test_weights-1.2.3-cp312-cp312-manylinux_2_28_x86_64.whl"
CONTENTS = {
    name: b"\x1c\0\0\0TFL3" + b"".join(hashlib.sha256(f"{name}{i}".encode()).digest() for i in range(6_000))
    for name in ("near", "far")
}
"""200 kB of noise each, which begin as a `.tflite` does."""


def wheel_of(contents: Mapping[str, bytes]) -> bytes:
    """The same bytes whenever it is made."""
    info = "eyeline_test_weights-1.2.3.dist-info"
    files = {f"weights/{name}.tflite": content for name, content in contents.items()} | {
        f"{info}/LICENSE": b"Do what you like.",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {PROJECT}\nVersion: 1.2.3\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: false\n",
        f"{info}/RECORD": b"",
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()


WHEEL = Wheel(
    PROJECT,
    "1.2.3",
    python="3.12",
    platform="manylinux_2_28_x86_64",
    sha256=hashlib.sha256(wheel_of(CONTENTS)).hexdigest(),
    size_bytes=400_000,
)


@dataclass
class Web:
    """A web server on this machine; the fields say how it behaves."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    ranges: bool = True
    login: str | None = None
    break_after_bytes: int | None = None
    stall_after_bytes: int | None = None
    stalls_left: int = 1_000_000
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def authorization(self) -> str:
        """The header that `login` (user:password) asks for."""
        return f"Basic {base64.b64encode((self.login or '').encode()).decode()}"

    def ranges_asked(self) -> list[str]:
        """Where transfers were continued."""
        return [wanted_range for _, wanted_range in self.asked if wanted_range]


def handler(web: Web) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted_range = self.headers.get("Range")
            web.asked.append((self.path, wanted_range))
            if web.login is not None and self.headers.get("Authorization") != web.authorization:
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="wheels"')
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            content = web.files.get(self.path)
            if content is None:
                self.send_error(404)
                return
            start = int(re.findall(r"\d+", wanted_range)[0]) if wanted_range and web.ranges else 0
            if start and start >= len(content):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(content)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self._send(content, start)

        def _send(self, content: bytes, start: int) -> None:
            body = content[start:]
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            self.send_header("Content-Type", "text/html" if self.path.endswith("/") else "application/octet-stream")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if web.break_after_bytes is not None:
                body = body[: web.break_after_bytes]
            if web.stall_after_bytes is not None and web.stall_after_bytes < len(body) and web.stalls_left:
                web.stalls_left -= 1
                self.wfile.write(body[: web.stall_after_bytes])
                web.stopped.wait()
                return
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class says so
            pass

    return Handler


@dataclass(frozen=True)
class Weights:
    """Two networks that only exist here."""

    models: dict[str, ModelEntry]
    contents: dict[str, bytes]

    def wheel(self, **changed: bytes) -> bytes:
        """A wheel with both files, some of them changed."""
        return wheel_of(self.contents | changed)


def entry(name: str, content: bytes) -> ModelEntry:
    return ModelEntry(
        name=name,
        file_name=f"{name}.tflite",
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        licence="0BSD",
        licence_note="made by the test",
        input_shape=(1, 2, 2, 3),
        input_range=(0.0, 1.0),
        output="nothing",
        origin=WheelMember(WHEEL, f"weights/{name}.tflite"),
    )


def publish(web: Web, wheel: bytes, *, sha256: str | None = None) -> None:
    """Put the wheel on the index (PEP 503), with its true hash or another one."""
    digest = sha256 or hashlib.sha256(wheel).hexdigest()
    link = f'<a href="/files/{WHEEL_NAME}#sha256={digest}">{WHEEL_NAME}</a>'
    web.files[f"/simple/{PROJECT}/"] = f"<!DOCTYPE html><html><body>{link}</body></html>".encode()
    web.files[f"/files/{WHEEL_NAME}"] = wheel


def names_in(directory: Path) -> set[str]:
    """What lies in a directory, but for the lock."""
    return {path.name for path in directory.iterdir()} - {".lock"}


def small_weights() -> Weights:
    """`near` and `far`."""
    return Weights({name: entry(name, content) for name, content in CONTENTS.items()}, CONTENTS)
