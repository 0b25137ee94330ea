"""Zoom's own SDK, as far as one gets without Zoom: to the answer of authentication."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from zoom_lab.awaiting import said
from zoom_lab.contract import kept
from zoom_lab.process import REAL, TESTS, BridgeProcess
from zoom_lab.real import MARK

from eyeline.integrations.zoom.bridge.messages import (
    Authenticated,
    CallRefused,
    Fault,
    Goodbye,
    Hello,
    Leave,
    Pong,
)

pytestmark = pytest.mark.usefixtures("real_sdk")

ENUMS = {name: described["members"] for name, described in kept()["enums"].items()}


def jwt(**claims: Any) -> str:
    parts = ({"alg": "HS256", "typ": "JWT"}, {"appKey": MARK, **claims})
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, MARK * 6])


def good_jwt() -> str:
    now = int(time.time())
    return jwt(iat=now - 30, exp=now + 7200, tokenExp=now + 7200)


UNKNOWN = Authenticated("AUTHRET_UNKNOWN")
BAD = {
    "not three parts": lambda: "mark3d.mark3d",
    "an empty part": lambda: "mark3d..mark3d",
    "an end too near": lambda: jwt(iat=int(time.time()), exp=int(time.time()) + 60, tokenExp=int(time.time()) + 60),
}


def files(home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if path.is_file()]


def looks_clean(bridge: BridgeProcess) -> None:
    assert bridge.ended() == 0
    assert bridge.output() == b""
    assert bridge.of(Fault) == []
    assert MARK not in repr(bridge.events)
    assert files(bridge.home)  # it did write its own
    assert [path for path in files(bridge.home) if MARK.encode() in path.read_bytes()] == []


def test_tokens_are_answered_as_far_as_that_goes_without_zoom() -> None:
    """All at once, since the SDK takes 12 s to find that there is no network: one process for each token."""
    with ExitStack() as stack:
        started = {}
        for name, token in {**BAD, "left": good_jwt, "good": good_jwt}.items():
            home = stack.enter_context(tempfile.TemporaryDirectory(prefix="zoom-home-"))
            started[name] = stack.enter_context(BridgeProcess(REAL, home=Path(home)))
            started[name].begin(sdk_jwt=token(), passcode=MARK, zak=MARK, on_behalf_token=MARK, join_token=MARK)
        for name in BAD:
            is_refused_at_once(started[name])
        is_left_before_the_answer(started["left"])
        comes_to_nothing(started["good"])


def is_refused_at_once(bridge: BridgeProcess) -> None:
    bridge.wait(Goodbye)
    assert said(bridge) == [Hello(1, "0.0.27"), CallRefused("SDKAuth", "SDKERR_INTERNAL_ERROR"), Goodbye()]
    looks_clean(bridge)


def is_left_before_the_answer(bridge: BridgeProcess) -> None:
    bridge.wait(Pong)
    bridge.send(Leave())
    bridge.wait(Goodbye)
    assert said(bridge) in ([Hello(1, "0.0.27"), Goodbye()], [Hello(1, "0.0.27"), UNKNOWN, Goodbye()])
    looks_clean(bridge)


def comes_to_nothing(bridge: BridgeProcess) -> None:
    """Where there is a network after all, Zoom says that it knows no such key."""
    bridge.wait(Goodbye)
    _, answer, _ = said(bridge)
    assert isinstance(answer, Authenticated)
    assert answer.result != "AUTHRET_SUCCESS"
    looks_clean(bridge)


def run(home: Path, *arguments: str) -> tuple[Any, bytes]:
    """What was found, and what was printed."""
    found = home / "found.json"
    done = subprocess.run(
        [sys.executable, "-m", "zoom_lab.real", str(found), *arguments],
        env={"HOME": str(home), "PYTHONPATH": str(TESTS)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout.decode(errors="replace")
    return json.loads(found.read_text()), done.stdout


def test_what_the_sdk_prints_of_secrets_goes_nowhere(tmp_path: Path) -> None:
    found, printed = run(tmp_path, "join", "silent")
    assert found == [True, "SDKERR_UNAUTHENTICATION"]
    assert printed == b""
    assert [path for path in files(tmp_path) if MARK.encode() in path.read_bytes()] == []


def test_it_would_print_them(tmp_path: Path) -> None:
    found, printed = run(tmp_path, "join", "loud")
    assert found == [True, "SDKERR_UNAUTHENTICATION"]
    assert f"{MARK}-psw".encode() in printed


def test_every_status_and_every_reason_arrive_through_the_sdk_s_own_callback(tmp_path: Path) -> None:
    found, _ = run(tmp_path, "statuses")
    codes = {*ENUMS["MeetingFailCode"].values(), *ENUMS["MeetingEndReason"].values(), 77, 4711}
    assert {(status, code) for status, code, *_ in found} == {
        (status, code) for status in ENUMS["MeetingStatus"] for code in codes
    }
    phases = {
        "FAILED": "ENDED",
        "ENDED": "ENDED",
        "INMEETING": "IN_MEETING",
        "RECONNECTING": "AWAY",
        "JOIN_BREAKOUT_ROOM": "AWAY",
        "LEAVE_BREAKOUT_ROOM": "AWAY",
    }
    for status, code, told, phase, stopped in found:
        assert told[0] == f"MeetingStatus(status={status!r}, reason={code})"
        assert not any(event.startswith("Fault") for event in told)
        assert phase == phases.get(status.removeprefix("MEETING_STATUS_"), "JOINING")
        assert stopped == (phase == "ENDED")


def test_every_answer_to_a_token_arrives_through_the_sdk_s_own_callback(tmp_path: Path) -> None:
    found, _ = run(tmp_path, "answers")
    assert dict(found) == {name: [name] for name in ENUMS["AuthResult"]}


def test_the_camera_s_callbacks_arrive_and_one_that_fails_is_harmless(tmp_path: Path) -> None:
    found, _ = run(tmp_path, "camera")
    assert found == [
        "VideoWanted(wanted=True)",
        "VideoWanted(wanted=False)",
        "Fault(where='onUninitializedCallback', error='ZeroDivisionError')",
    ]
