"""The bridge's side of the measurement: the real ring, loop and camera, a sender that looks at the clock.

A process of its own, with Zoom's SDK loaded and started where it is installed, as it is in a meeting. Answers each
byte on its socket with a line of JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import struct
import time
from importlib import import_module, metadata
from types import SimpleNamespace
from typing import Any, Final

from eyeline.integrations.zoom.bridge.authentication import start_sdk
from eyeline.integrations.zoom.bridge.glib import GLibLoop
from eyeline.integrations.zoom.bridge.hold import SUCCESS, Held
from eyeline.integrations.zoom.bridge.messages import PROTOCOL_VERSION, Begin, RingPlace
from eyeline.integrations.zoom.bridge.pictures import PictureReader
from eyeline.integrations.zoom.bridge.process import die_with_parent, fall_silent
from eyeline.integrations.zoom.bridge.video_out import VideoOut

STAMP: Final = struct.Struct("=8sd")
"""The first bytes of each picture: a mark, and when it was handed over on the monotonic clock."""

MARK: Final = b"handed o"
TELL: Final = b"t"
START_OVER: Final = b"s"

_ANSWER = SimpleNamespace(name=SUCCESS)


class ClockedSender:
    """Takes what the SDK's sender takes, copies it as that one does, and notes how long it was on its way."""

    def __init__(self) -> None:
        self.way_ms: list[float] = []

    def sendVideoFrame(self, i420: bytes, *_size_and_format: Any) -> Any:  # noqa: N802 - Zoom's name
        """See the SDK."""
        now_s = time.monotonic()
        mark, handed_over_s = STAMP.unpack_from(i420)
        if mark == MARK:
            self.way_ms.append((now_s - handed_over_s) * 1000)
        bytearray(i420)
        return _ANSWER


def _sdk(sender: ClockedSender, width_px: int, height_px: int) -> Any:
    """As much of the SDK as a camera needs; Zoom asks for pictures at once."""

    def set_source(source: Any) -> Any:
        source.onInitializeCallback(sender, [], SimpleNamespace(width=width_px, height=height_px, frame=30))
        source.onStartSendCallback()
        return _ANSWER

    return SimpleNamespace(
        FrameDataFormat=SimpleNamespace(FrameDataFormat_I420_LIMITED=None),
        GetRawdataVideoSourceHelper=lambda: SimpleNamespace(setExternalVideoSource=set_source),
        ZoomSDKVideoSourceCallbacks=SimpleNamespace,
    )


def _start_real_sdk() -> str | None:
    """Its version; `None` where it is not installed, or cannot be started."""
    try:
        held = Held(import_module("zoom_meeting_sdk"), lambda _fault: None)
    except ImportError:
        return None
    nothing = RingPlace("", 0)
    begin = Begin(
        PROTOCOL_VERSION, "https://zoom.us", "", 0, "", "", "", "", "", "", nothing, send_video=True, send_audio=False
    )
    _KEPT.append(held)
    return metadata.version("zoom-meeting-sdk") if start_sdk(held, begin) is None else None


_KEPT: list[Held] = []


def main() -> None:
    """Until the other side is gone."""
    parser = argparse.ArgumentParser()
    for name in ("wake", "report", "capacity", "width", "height"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--ring", required=True)
    given = parser.parse_args()
    die_with_parent()
    fall_silent()
    loop = GLibLoop()
    version = _start_real_sdk()
    sender = ClockedSender()
    held = Held(_sdk(sender, given.width, given.height), lambda _fault: None)
    pictures = PictureReader.attach(RingPlace(given.ring, given.capacity))
    camera = VideoOut(held, loop, pictures, given.wake, lambda _event: None)
    camera.attach()
    report = socket.socket(fileno=given.report)

    def answer() -> None:
        asked = report.recv(1)
        if not asked:
            loop.stop()
            return
        if asked == START_OVER:
            sender.way_ms.clear()
        told = {"sdk": version, "cpu_s": time.process_time(), "way_ms": sender.way_ms}
        report.sendall(json.dumps(told).encode() + b"\n")

    loop.watch(given.report, answer)
    loop.run()


if __name__ == "__main__":
    try:
        main()
    finally:
        os._exit(0)
