"""A bridge process on strings: says what a test wants it to say, in the bridge's own words, or misbehaves.

It stands where the real bridge stands, to test what is on our side of it; it is no picture of Zoom.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import struct
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from eyeline.integrations.zoom.bridge import messages
from eyeline.integrations.zoom.bridge.codec import LineReader, decode_command, encode
from eyeline.integrations.zoom.bridge.messages import Begin, Command, Event, Goodbye, Leave, Ping, Pong, RingPlace
from eyeline.integrations.zoom.bridge.pictures import PictureReader
from eyeline.processing.byte_ring import RingError

Step = list[object]

HELLO = messages.Hello(messages.PROTOCOL_VERSION, "6.7.5")
SUCCESS = messages.Authenticated("AUTHRET_SUCCESS")


def status(word: str, reason: int = 0) -> messages.MeetingStatus:
    return messages.MeetingStatus(f"MEETING_STATUS_{word}", reason)


CONNECTING, IN_MEETING = status("CONNECTING"), status("INMEETING")


def say(event: Event) -> Step:
    """Say an event."""
    return ["say", type(event).__name__, asdict(event)]


def says(*events: Event) -> list[Step]:
    return [say(event) for event in events]


def heard(kind: type[Command]) -> Step:
    """Wait for a command; what else comes is taken note of."""
    return ["heard", kind.__name__]


def raw(text: str, times: int = 1) -> Step:
    """Write something on the control socket."""
    return ["raw", text, times]


def printed(text: str) -> Step:
    """Write something on standard output and standard error."""
    return ["print", text]


def pause(seconds: float) -> Step:
    """Go on answering meanwhile."""
    return ["pause", seconds]


def die(number: signal.Signals) -> Step:
    return ["die", int(number)]


def answer_chat(*errors: str) -> Step:
    """Answer lines of chat from now on; the last error is for all that follow."""
    return ["answer_chat", list(errors)]


HANG: Step = ["hang"]
STUBBORN: Step = ["stubborn"]
TAKE_PICTURES: Step = ["pictures"]
BEGUN = [say(HELLO), heard(Begin)]
JOINED = [*BEGUN, *says(SUCCESS, CONNECTING, IN_MEETING)]


def puppet(folder: Path, *tries: Sequence[Step]) -> list[str]:
    """The command that plays these steps; the first process the first list, and so on, the last for all that follow."""
    folder.mkdir(exist_ok=True)
    (folder / "steps.json").write_text(json.dumps(tries))
    return [sys.executable, str(Path(__file__)), str(folder)]


class Notes:
    """What the puppets have seen."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def lines(self, name: str) -> list[str]:
        path = self._folder / name
        return path.read_text().splitlines() if path.exists() else []

    @property
    def commands(self) -> list[Command]:
        return [decode_command(line.encode()) for line in self.lines("commands")]

    def of(self, kind: type[Command]) -> list[Command]:
        return [each for each in self.commands if isinstance(each, kind)]

    @property
    def pids(self) -> list[int]:
        return [int(line) for line in self.lines("pids")]

    @property
    def homes(self) -> list[Path]:
        return [Path(line) for line in self.lines("homes")]

    @property
    def pictures(self) -> list[tuple[int, int, float, float]]:
        """Width, height, mean luma and mean blue chroma of each that was taken."""
        return [tuple(json.loads(line)) for line in self.lines("pictures")]

    @property
    def sounds(self) -> list[tuple[int, int, int]]:
        """Rate, channels and bytes of each packet."""
        return [tuple(json.loads(line)) for line in self.lines("sounds")]


class _Puppet:
    def __init__(self, folder: Path, control: int, wake: int, sound: int) -> None:
        self._folder = folder
        self._control = socket.socket(fileno=control)
        self._wake, self._sound = wake, socket.socket(fileno=sound)
        self._lines, self._heard = LineReader(), []
        self._chat: list[str] = []
        self._reader: PictureReader | None = None
        self._sound.setblocking(False)

    def note(self, name: str, text: str) -> None:
        with (self._folder / name).open("a") as file:
            file.write(text + "\n")

    def say(self, event: Event) -> None:
        self._control.sendall(encode(event))

    def listen(self, seconds: float) -> None:
        """Take commands for a moment; the end of the socket is our end."""
        self._control.settimeout(max(0.001, seconds))
        try:
            received = self._control.recv(65536)
        except TimeoutError:
            return
        if not received:
            os._exit(0)
        for line in self._lines.feed(received):
            self._take(decode_command(line), line)

    def _take(self, command: Command, line: bytes) -> None:
        self.note("commands", line.decode())
        self._heard.append(type(command).__name__)
        match command:
            case Ping(number):
                self.say(Pong(number))
            case Begin(ring=ring):
                with contextlib.suppress(RingError):
                    self._reader = PictureReader.attach(RingPlace(ring.name, ring.capacity_bytes))
            case Leave():
                self.say(Goodbye())
                os._exit(0)
            case messages.SendChat(request) if self._chat:
                error = self._chat.pop(0) if len(self._chat) > 1 else self._chat[0]
                self.say(messages.ChatAnswered(request, error))

    def take_media(self) -> None:
        assert self._reader is not None
        try:
            os.eventfd_read(self._wake)
        except BlockingIOError:
            pass
        else:
            if (picture := self._reader.newest()) is not None:
                luma = picture.width_px * picture.height_px
                means = [
                    sum(part) / len(part) for part in (picture.i420[:luma:97], picture.i420[luma : luma * 5 // 4 : 97])
                ]
                self.note("pictures", json.dumps([picture.width_px, picture.height_px, *means]))
        try:
            packet = self._sound.recv(65536)
        except BlockingIOError:
            return
        rate_hz, channels = struct.unpack_from("=IB", packet)
        self.note("sounds", json.dumps([rate_hz, channels, len(packet) - 5]))

    def play(self, step: Step) -> None:  # noqa: C901
        match step:
            case ["say", str(name), dict(values)]:
                if "person" in values:
                    values["person"] = messages.Person(**values["person"])
                self.say(getattr(messages, name)(**values))
            case ["heard", str(name)]:
                while name not in self._heard:
                    self.listen(1)
                self._heard.remove(name)
            case ["raw", str(text), int(times)]:
                for _ in range(times):
                    self._control.sendall(text.encode())
            case ["print", str(text)]:
                for descriptor in (1, 2):
                    os.write(descriptor, text.encode())
            case ["pause", seconds]:
                end_s = time.monotonic() + float(str(seconds))
                while time.monotonic() < end_s:
                    self.listen(min(0.1, end_s - time.monotonic()))
            case ["answer_chat", list(errors)]:
                self._chat = [str(error) for error in errors]
            case ["die", int(number)]:
                os.kill(os.getpid(), number)
            case ["hang"]:
                time.sleep(600)
            case ["stubborn"]:
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                time.sleep(600)
            case ["pictures"]:
                while True:
                    self.listen(0.002)
                    self.take_media()


def main() -> None:
    folder = Path(sys.argv[1])
    control, wake, sound = (int(sys.argv[sys.argv.index(flag) + 1]) for flag in ("--control", "--wake", "--sound"))
    player = _Puppet(folder, control, wake, sound)
    player.note("pids", str(os.getpid()))
    player.note("homes", os.environ["HOME"])
    player.note("environments", json.dumps(dict(os.environ)))
    number = len((folder / "pids").read_text().splitlines())
    tries = json.loads((folder / "steps.json").read_text())
    for step in tries[min(number, len(tries)) - 1]:
        player.play(step)
    while True:
        player.listen(1)


if __name__ == "__main__":
    main()
