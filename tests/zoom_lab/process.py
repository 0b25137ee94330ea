"""A bridge as a process, and the meeting process's end of its control socket: blocking, for tests."""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from eyeline.integrations.zoom.bridge.codec import LineReader, decode_event, encode
from eyeline.integrations.zoom.bridge.messages import (
    PROTOCOL_VERSION,
    Begin,
    Command,
    Event,
    Goodbye,
    Leave,
    Ping,
    Pong,
)
from eyeline.integrations.zoom.bridge.pictures import PictureWriter

REAL = "eyeline.integrations.zoom.bridge"
DOUBLE = "zoom_lab.bridge"

TESTS = Path(__file__).parents[1]
PATIENCE_S = 60.0
CAPACITY_BYTES = 1280 * 720 * 3 // 2

E = TypeVar("E", bound=Event)


class BridgeProcess:
    """A running bridge; a context manager.

    Args:
        module: `REAL` or `DOUBLE`.
        scenario: For the double: see `zoom_lab.scenario`.
        environment: More variables for the process.
        pings: Whether the process hears that its parent is alive.
    """

    def __init__(
        self,
        module: str = DOUBLE,
        scenario: Mapping[str, Any] | None = None,
        environment: Mapping[str, str] | None = None,
        *,
        pings: bool = True,
        home: Path | None = None,
        launcher: list[str] | None = None,
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="zoom-lab-")
        self.home = home or Path(self._folder.name)
        self.pictures = PictureWriter.create(CAPACITY_BYTES)
        self.wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._control, control = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sound, sound = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        descriptors = {"control": control.fileno(), "wake": self.wake, "sound": sound.fileno()}
        given = [f"--{name}={descriptor}" for name, descriptor in descriptors.items()]
        variables = os.environ | {"HOME": str(self.home), "PYTHONPATH": str(TESTS)}
        variables |= {"ZOOM_LAB_SCENARIO": json.dumps(scenario or {})} | dict(environment or {})
        self.process = subprocess.Popen(
            [*(launcher or []), sys.executable, "-m", module, *given],
            env=variables,
            pass_fds=tuple(descriptors.values()),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        control.close()
        sound.close()
        self.events: list[Event] = []
        self._news = threading.Condition()
        self._ended = False
        self._sending = threading.Lock()
        self._threads = [threading.Thread(target=self._read)]
        if pings:
            self._threads.append(threading.Thread(target=self._ping))
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()
        for thread in self._threads:
            thread.join()
        self.process.stdout.close()
        self._control.close()
        self.sound.close()
        os.close(self.wake)
        self.pictures.close()
        self._folder.cleanup()

    def begin(self, **changes: Any) -> None:
        """Send a `Begin` that joins an open meeting, but for what is changed."""
        usual = {
            "version": PROTOCOL_VERSION,
            "web_domain": "https://zoom.us",
            "sdk_jwt": "aaaa.bbbb.cccc",
            "meeting_number": 81234567890,
            "vanity_id": "",
            "name": "Ada",
            "passcode": "",
            "zak": "",
            "on_behalf_token": "",
            "join_token": "",
            "ring": self.pictures.place,
            "send_video": True,
            "send_audio": True,
        }
        self.send(Begin(**{**usual, **changes}))

    def send(self, command: Command) -> None:
        """Send a command; one that nobody reads any more is lost."""
        self.send_bytes(encode(command))

    def send_bytes(self, line: bytes) -> None:
        """Send anything at all."""
        with self._sending:
            try:
                self._control.sendall(line)
            except OSError:
                return

    def show(self, width_px: int, height_px: int, luma: int) -> None:
        """Leave a picture of one grey in the ring, and wake the bridge."""
        planes = bytes([luma]) * (width_px * height_px), bytes([128]) * (width_px * height_px // 2)
        self.pictures.write(width_px, height_px, time.monotonic(), *planes)
        self.wake_up()

    def wake_up(self) -> None:
        """There is a new picture."""
        os.eventfd_write(self.wake, 1)

    def speak(self, rate_hz: int, channels: int, samples: bytes) -> None:
        """Send a packet of sound."""
        self.sound.sendall(struct.pack("=IB", rate_hz, channels) + samples)

    def wait(self, kind: type[E], such: Callable[[E], bool] = lambda _event: True, after: int = 0) -> E:
        """The first event of a kind, counted from the one with the index `after`; waits for it."""
        deadline = time.monotonic() + PATIENCE_S
        with self._news:
            while True:
                for event in self.events[after:]:
                    if isinstance(event, kind) and such(event):
                        return event
                left_s = deadline - time.monotonic()
                if self._ended or left_s <= 0:
                    raise AssertionError(f"no {kind.__name__} in {self.events}, exit {self.process.poll()}")
                self._news.wait(left_s)

    def of(self, kind: type[E]) -> list[E]:
        """All events of a kind so far."""
        return [event for event in self.events if isinstance(event, kind)]

    def end(self) -> int:
        """Have it leave, and say how it ended."""
        self.send(Leave())
        self.wait(Goodbye)
        return self.ended()

    def ended(self) -> int:
        """How it ended; waits for it."""
        return self.process.wait(PATIENCE_S)

    def hang_up(self) -> None:
        """Be gone, as a meeting process that was killed."""
        self._control.shutdown(socket.SHUT_RDWR)

    def output(self) -> bytes:
        """What came out of the standard streams of a process that has ended."""
        return self.process.stdout.read()

    def _read(self) -> None:
        lines = LineReader()
        while True:
            try:
                received = self._control.recv(65536)
            except OSError:
                received = b""
            with self._news:
                if not received:
                    self._ended = True
                else:
                    self.events += [decode_event(line) for line in lines.feed(received)]
                self._news.notify_all()
            if not received:
                return

    def _ping(self) -> None:
        number = 0
        while True:
            with self._news:
                if self._ended:
                    return
                self._news.wait_for(lambda: self._ended, timeout=0.3)
            number += 1
            self.send(Ping(number))


__all__ = ["CAPACITY_BYTES", "DOUBLE", "REAL", "BridgeProcess", "Pong"]
