"""The process around it all: silent, unable to outlive its parent, and sure to end."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from zoom_lab.process import DOUBLE, REAL, TESTS, BridgeProcess
from zoom_lab.stage import Stage

from eyeline.integrations.zoom.bridge.codec import MAX_LINE_BYTES, encode
from eyeline.integrations.zoom.bridge.messages import (
    CallRefused,
    Fault,
    Goodbye,
    Hello,
    Leave,
    MeetingStatus,
    Ping,
    Pong,
    SendChat,
)

pytestmark = pytest.mark.usefixtures("glib")

Start = Callable[..., BridgeProcess]

SECRETS = {"passcode": "mark3d", "zak": "mark3d-zak", "on_behalf_token": "mark3d-obf", "join_token": "mark3d-tk"}


def joined(bridge: BridgeProcess) -> BridgeProcess:
    bridge.wait(MeetingStatus, lambda event: event.status == "MEETING_STATUS_INMEETING")
    return bridge


def gone(pid: int) -> bool:
    """Waits for it."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.01)
    return False


def test_nothing_that_is_printed_gets_out_and_no_secret_is_in_sight(bridge: Start, stage: Stage) -> None:
    running = joined(bridge({**SECRETS, "sdk_jwt": "mark3d.b.c"}))
    stage.do("print", text="mark3d from C")
    running.wait(Pong, after=len(running.events))
    process = Path(f"/proc/{running.process.pid}")
    assert b"mark3d" not in (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
    assert re.search(r"Max core file size\s+0\s+0\s", (process / "limits").read_text())
    assert (process / "task" / process.name / "children").read_text() == ""  # no resource tracker of its own
    assert {str((process / "fd" / str(descriptor)).readlink()) for descriptor in range(3)} == {"/dev/null"}
    assert running.end() == 0
    assert running.output() == b""
    assert "mark3d" not in repr(running.events)
    assert stage.wait("join")["psw"] == "mark3d"  # it did arrive


def test_it_ends_when_its_parent_hangs_up(bridge: Start) -> None:
    running = joined(bridge())
    running.hang_up()
    assert running.ended() == 0


PARENT = """
import os, sys, time
from zoom_lab.process import BridgeProcess
from eyeline.integrations.zoom.bridge.messages import MeetingStatus
bridge = BridgeProcess(scenario={"script": [{"do": "status", "name": "INMEETING"}, {"do": "hang", "after_ms": 10}]})
bridge.begin()
bridge.wait(MeetingStatus)
print(bridge.process.pid, flush=True)
time.sleep(60)
"""


def test_it_dies_with_a_killed_parent_even_where_the_sdk_hangs() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], env=os.environ | {"PYTHONPATH": str(TESTS)}, stdout=subprocess.PIPE
    ) as parent:
        pid = int(parent.stdout.readline())
        time.sleep(0.1)
        assert Path(f"/proc/{pid}").exists()
        parent.kill()
    assert gone(pid)


def test_a_parent_that_says_nothing_is_taken_for_dead(stage: Stage) -> None:
    environment = {**stage.environment, "ZOOM_LAB_PACE": json.dumps({"patience_s": 1})}
    with BridgeProcess(environment=environment, pings=False) as silent:
        silent.begin()
        silent.wait(Goodbye)
        assert silent.ended() == 0


def test_a_parent_that_does_not_read_holds_nothing_up(stage: Stage) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        wake = os.eventfd(0)
        given = [f"--control={theirs.fileno()}", f"--wake={wake}", f"--sound={wake}"]
        process = subprocess.Popen(
            [sys.executable, "-m", DOUBLE, *given],
            env=os.environ | {"PYTHONPATH": str(TESTS)},
            pass_fds=(theirs.fileno(), wake),
        )
        os.close(wake)
        theirs.close()
        answers = b""
        for number in range(200):
            ours.sendall(encode(Ping(number)) + encode(SendChat(number, "x" * 1000, 0)))
        time.sleep(0.2)
        while b'"number":199}' not in answers:
            answers += ours.recv(65536)
        assert answers.count(b"ChatAnswered") >= 199
        ours.sendall(encode(Leave()))
        assert process.wait(30) == 0


@pytest.mark.parametrize("said", [b"ALSA lib: no such device\n", b'{"type":"Goodbye"}\n', b"x" * (2 * MAX_LINE_BYTES)])
def test_anything_but_a_command_is_the_end(bridge: Start, said: bytes) -> None:
    running = joined(bridge())
    running.send_bytes(said)
    running.wait(Goodbye)
    assert running.of(Fault) == [Fault("control", "BadMessageError")]
    assert running.ended() == 0


def test_a_second_begin_is_the_end(bridge: Start) -> None:
    running = joined(bridge())
    running.begin()
    running.wait(Goodbye)
    assert running.of(Fault) == [Fault("control", "BadMessageError")]


@pytest.mark.parametrize("change", [{"capacity_bytes": 4}, {"name": "psm_nothing"}, {"name": "../../etc/passwd"}])
def test_a_ring_that_is_another_one_is_refused(stage: Stage, change: dict[str, Any]) -> None:
    with BridgeProcess(environment=stage.environment) as running:
        running.begin(ring=replace(running.pictures.place, **change))
        running.wait(Goodbye)
        assert running.of(CallRefused) == [CallRefused("Begin", "RingError")]
        assert running.ended() == 0


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ('raise ImportError("libGL.so.1: cannot open shared object file: No such file or directory")', "libGL.so.1"),
        ("raise ModuleNotFoundError(\"No module named 'zoom_meeting_sdk'\")", "ModuleNotFoundError"),
        ('raise ImportError("opensesame")', "ImportError"),
        ('raise OSError("libasound.so.2: cannot open")', "libasound.so.2"),
    ],
)
def test_an_sdk_that_cannot_be_loaded_is_one_clear_word(tmp_path: Path, script: str, error: str) -> None:
    (tmp_path / "zoom_meeting_sdk.py").write_text(script)
    with BridgeProcess(REAL, environment={"PYTHONPATH": str(tmp_path)}) as running:
        running.wait(Goodbye)
        assert running.events == [Hello(1, ""), CallRefused("import", error), Goodbye()]
        assert running.ended() == 0
        assert running.output() == b""


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL])
def test_a_crash_shows_as_what_it_was(bridge: Start, stage: Stage, number: int) -> None:
    running = joined(bridge())
    stage.do("crash", number=number)
    assert running.ended() == -number
    assert running.of(Goodbye) == []


def test_ctrl_c_is_the_parent_s_business(bridge: Start) -> None:
    running = joined(bridge())
    running.process.send_signal(signal.SIGINT)
    running.wait(Pong, after=len(running.events))
    assert running.end() == 0


def test_it_needs_neither_numpy_nor_asyncio() -> None:
    script = "import sys, eyeline.integrations.zoom.bridge.entry; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert "eyeline.integrations.zoom.bridge.machine" in done.stdout.split()
    assert not {"numpy", "asyncio", "av", "cv2", "aiohttp"} & {*done.stdout.split()}
