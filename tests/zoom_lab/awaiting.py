"""What tests of a bridge's stay wait for and look at."""

from __future__ import annotations

from collections.abc import Callable

from eyeline.integrations.zoom.bridge.messages import Event, MeetingStatus, Pong, VideoWanted
from zoom_lab.process import BridgeProcess
from zoom_lab.stage import Stage

Start = Callable[..., BridgeProcess]

GRACE = {"user_id": 5, "name": "Grace", "host": True, "persistent_id": "gggg"}
IN_MEETING = "MEETING_STATUS_INMEETING"


def statuses(bridge: BridgeProcess) -> list[tuple[str, int]]:
    return [(event.status.removeprefix("MEETING_STATUS_"), event.reason) for event in bridge.of(MeetingStatus)]


def said(bridge: BridgeProcess) -> list[Event]:
    return [event for event in bridge.events if not isinstance(event, Pong)]


def in_meeting(bridge: BridgeProcess) -> BridgeProcess:
    bridge.wait(MeetingStatus, lambda event: event.status == IN_MEETING)
    return bridge


def on_camera(bridge: BridgeProcess, after: int = 0) -> BridgeProcess:
    """Wait until Zoom asks for pictures, the second time: the first one was too early."""
    for _ in range(2):
        found = bridge.wait(VideoWanted, lambda event: event.wanted, after)
        after = next(index for index, event in enumerate(bridge.events) if event is found) + 1
    return bridge


def stop_of_camera(bridge: BridgeProcess, after: int = 0) -> int:
    """The index of the event after it."""
    found = bridge.wait(VideoWanted, lambda event: not event.wanted, after)
    return next(index for index, event in enumerate(bridge.events) if event is found) + 1


def calls(stage: Stage) -> list[str]:
    return [note["name"] for note in stage.notes if note["note"] == "call"]
