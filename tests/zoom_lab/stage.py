"""The test's hand in the double while it runs: what is to happen now, and what the bridge did."""

from __future__ import annotations

import json
import os
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from eyeline.integrations.zoom.bridge.loop import Loop
from eyeline.processing.byte_ring import ByteRing, PictureHeader, RingAddress

STAGE = "ZOOM_LAB_STAGE"
SCREEN = "ZOOM_LAB_SCREEN"

_MAGIC = int.from_bytes(b"as seen", "big")
_CAPACITY_BYTES = 1920 * 1080 * 3 // 2
_PACKET_BYTES = 65536
_PATIENCE_S = 60.0


class Notes:
    """The double's side: does nothing where no test listens."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        path = os.environ.get(STAGE)
        if path:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            self._socket.connect(path)

    def tell(self, note: str, **about: Any) -> None:
        """Tell the test."""
        if self._socket is not None:
            self._socket.send(json.dumps({"note": note, **about}).encode())

    def listen(self, loop: Loop, run: Callable[[dict[str, Any]], None]) -> None:
        """Do what the test says."""
        if self._socket is None:
            return
        listening = self._socket

        def read() -> None:
            packet = listening.recv(_PACKET_BYTES)
            if packet:
                run(json.loads(packet))
            else:
                forget()

        forget = loop.watch(listening.fileno(), read)


def open_screen() -> ByteRing | None:
    """Where the double leaves the pictures that it was sent, if a test looks at them."""
    name = os.environ.get(SCREEN)
    return ByteRing.attach_untracked(RingAddress(name, _MAGIC, _CAPACITY_BYTES)) if name else None


class Stage:
    """The test's side; a context manager. Give `environment` to the process of the bridge; one at a time.

    A bridge that comes after another one (a second try) is another double: `notes` has those of both.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="zoom-stage-")
        path = Path(self._folder.name) / "socket"
        self._listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._listening.bind(str(path))
        self._listening.listen()
        self._screen = ByteRing.create(_MAGIC, _CAPACITY_BYTES)
        self._connection: socket.socket | None = None
        self._news = threading.Condition()
        self._seen = 0
        self.notes: list[dict[str, Any]] = []
        self.environment = {STAGE: str(path), SCREEN: self._screen.address.name}
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        connection = self._connection
        if connection is not None:
            with connection:
                connection.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listening.close()
        self._screen.close()
        self._folder.cleanup()

    def do(self, do: str, **about: Any) -> None:
        """Take a step: see `zoom_lab.steps`. Waits for the double to be there."""
        with self._news:
            assert self._news.wait_for(lambda: self._connection is not None, _PATIENCE_S), "there is no double"
            connection = self._connection
        connection.send(json.dumps({"do": do, **about}).encode())

    def wait(self, note: str, after: int = 0, **about: Any) -> dict[str, Any]:
        """The first note of a kind in which all of `about` is so, from the one with the index `after` on."""

        def found() -> dict[str, Any] | None:
            for one in self.notes[after:]:
                if one["note"] == note and about.items() <= one.items():
                    return one
            return None

        with self._news:
            assert self._news.wait_for(lambda: found() is not None, _PATIENCE_S), (note, about, self.notes)
            return found() or {}

    def see(self, such: Callable[[PictureHeader, bytes], bool] = lambda _header, _i420: True) -> PictureHeader:
        """Wait until a picture that is such has been sent."""
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:
            read = self._screen.read_newest(self._seen, bytes)
            if read is not None:
                self._seen = read[0].number
                if such(*read):
                    return read[0]
            time.sleep(0.002)
        raise AssertionError("no such picture was sent")

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with self._news:
                self._connection = connection
                self._news.notify_all()
            while packet := self._received(connection):
                with self._news:
                    self.notes.append(json.loads(packet))
                    self._news.notify_all()
            with self._news:
                self._connection = None
            connection.close()

    def _received(self, connection: socket.socket) -> bytes:
        try:
            return connection.recv(_PACKET_BYTES)
        except OSError:
            return b""
