"""What a test does with Zoom's SDK in a process of its own, since the module may crash the interpreter's way out.

python -m zoom_lab.real NAME      # writes what it found, as JSON, to descriptor 3
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from eyeline.integrations.zoom.bridge.authentication import start_sdk
from eyeline.integrations.zoom.bridge.hold import Held
from eyeline.integrations.zoom.bridge.joining import join
from eyeline.integrations.zoom.bridge.machine import Bridge
from eyeline.integrations.zoom.bridge.messages import PROTOCOL_VERSION, Begin, Event, RingPlace, VideoWanted
from eyeline.integrations.zoom.bridge.pace import Pace
from eyeline.integrations.zoom.bridge.phase import Phase
from eyeline.integrations.zoom.bridge.process import fall_silent
from eyeline.integrations.zoom.bridge.video_out import VideoOut

MARK = "mark3d"


class NoLoop:
    """Remembers what was asked for, and does nothing by itself."""

    def __init__(self) -> None:
        self.due: list[Any] = []
        self.stopped = False

    def watch(self, descriptor: int, readable: Any) -> Any:
        return lambda: None

    def every(self, interval_ms: int, tick: Any) -> None:
        """Never."""

    def after(self, delay_ms: int, due: Any) -> None:
        self.due.append(due)

    def stop(self) -> None:
        self.stopped = True


def marked() -> Begin:
    """Every secret says that it is one."""
    secrets = [f"{MARK}-{name}" for name in ("jwt", "psw", "zak", "obf", "tk")]
    jwt, passcode, zak, on_behalf, join_token = secrets
    return Begin(
        PROTOCOL_VERSION,
        "https://zoom.us",
        jwt,
        81234567890,
        "",
        "Ada",
        passcode,
        zak,
        on_behalf,
        join_token,
        RingPlace("", 0),
        send_video=True,
        send_audio=True,
    )


def join_too_early(silent: str) -> Any:
    """`Join` before anything is authenticated: the SDK refuses it, and has printed everything by then."""
    if silent == "silent":
        fall_silent()
    held = Held(import_module("zoom_meeting_sdk"), lambda fault: None)
    refused = start_sdk(held, marked())
    found = join(held, held.call("CreateMeetingService"), marked())
    ctypes.CDLL(None).fflush(None)  # what C still holds back would be lost by `os._exit`
    return [refused is None, found is not None and found.error]


def statuses() -> Any:
    """Every status with every reason through the SDK's own callback object, each into a bridge that is joining."""
    sdk = import_module("zoom_meeting_sdk")
    codes = {int(code) for kind in (sdk.MeetingFailCode, sdk.MeetingEndReason) for code in kind} | {77, 4711}
    found = []
    for status in sdk.MeetingStatus:
        for code in sorted(codes):
            said: list[Event] = []
            control = SimpleNamespace(say=said.append, gone=False)
            loop: Any = NoLoop()
            bridge = Bridge(sdk, loop, control, wake=-1, sound=-1, pace=Pace())  # type: ignore[arg-type]
            bridge._phase = Phase.JOINING
            bridge._status_callbacks().onMeetingStatusChanged(status, code)
            found.append([status.name, code, [repr(event) for event in said], bridge._phase.name, loop.stopped])
    return found


def answers() -> Any:
    """Every answer to the JWT through the SDK's own callback object."""
    sdk = import_module("zoom_meeting_sdk")
    found = []
    for result in sdk.AuthResult:
        said: list[str] = []
        held = Held(sdk, lambda fault, said=said: said.append(repr(fault)))  # type: ignore[misc]
        events = held.callbacks(
            "AuthServiceEventCallbacks",
            onAuthenticationReturnCallback=lambda answer, said=said: said.append(answer.name),
        )
        events.onAuthenticationReturn(result)
        found.append([result.name, said])
    return found


def camera() -> Any:
    """The camera's own callback object: started, stopped, gone; and one of ours that fails, which must be harmless."""
    sdk = import_module("zoom_meeting_sdk")
    said: list[Any] = []
    held = Held(sdk, said.append)
    video = VideoOut(held, NoLoop(), None, -1, said.append)  # type: ignore[arg-type]
    source = held.callbacks(
        "ZoomSDKVideoSourceCallbacks",
        onStartSendCallback=video._start,
        onStopSendCallback=video._stop,
        onUninitializedCallback=lambda: 1 // 0,
    )
    source.onStartSend()
    source.onStopSend()
    source.onUninitialized()
    assert said[0] == VideoWanted(wanted=True)
    return [repr(event) for event in said]


if __name__ == "__main__":
    file, name, *arguments = sys.argv[1:]
    find = {"join": join_too_early, "statuses": statuses, "answers": answers, "camera": camera}[name]
    Path(file).write_text(json.dumps(find(*arguments)))
    os._exit(0)
