"""What happens in the double: statuses, people, a camera and a microphone that are asked for."""

from __future__ import annotations

import os
import time
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from eyeline.integrations.zoom.bridge.loop import Loop
from eyeline.processing.byte_ring import ByteRing, PictureHeader
from zoom_lab.scenario import Scenario
from zoom_lab.strict import call_back, enums, segfault

if TYPE_CHECKING:
    from zoom_lab.stage import Notes

_STATUS = enums()["MeetingStatus"]
_INSIDE = ("INMEETING", "RECONNECTING")
_STDOUT = 1


class World:
    """The meeting, seen from the SDK.

    Args:
        scenario: What is to happen.
        loop: Where it happens.
        notes: Tells the test what the bridge did.
        screen: Where the newest picture goes that was sent.
    """

    def __init__(self, scenario: Scenario, loop: Loop, notes: Notes, screen: ByteRing | None) -> None:
        self.scenario = scenario
        self.authenticated = False
        self.status = "IDLE"
        self.in_breakout_room = False
        self.in_voip = False
        self.may_start_video = True
        self.chat_status: dict[str, bool] = {}
        self.people = {one["user_id"]: dict(one) for one in scenario.people}
        self.own: dict[str, Any] = {"name": "", "video_on": False, "audio_muted": False}
        self.size = tuple(scenario.size)
        self.sender: Any = None
        self.run_step: Callable[[dict[str, Any]], None] = lambda _step: None
        self._microphone: Any = None
        self._loop = loop
        self._notes = notes
        self._screen = screen
        self._events: dict[str, weakref.ref[Any]] = {}
        self._pictures = 0
        self._refuse_once = list(scenario.refuse_once)

    def refuses(self, call: str) -> bool:
        """Whether a call fails this time; each of `refuse_once` does once."""
        if call not in self._refuse_once:
            return False
        self._refuse_once.remove(call)
        return True

    def later(self, delay_ms: int, due: Callable[[], None]) -> None:
        """On the thread that the SDK calls back on."""
        self._loop.after(delay_ms, due)

    def note(self, note: str, **about: Any) -> None:
        """Tell the test."""
        self._notes.tell(note, **about)

    def print_natively(self, text: str) -> None:
        """As C does, past Python's own standard output."""
        os.write(_STDOUT, f"{text}\n".encode())

    def hang(self) -> None:
        """Never come back."""
        while True:
            time.sleep(1)

    @property
    def inside(self) -> bool:
        """Whether what belongs to a meeting can be had."""
        return self.status in _INSIDE

    def person(self, user_id: int) -> dict[str, Any]:
        """What is known of somebody."""
        return self.own if user_id == self.scenario.own_id else self.people.get(user_id, {})

    def listen(self, whom: str, events: Any) -> None:
        """Keep callbacks as the wrapper does: not at all."""
        self._events[whom] = weakref.ref(events)

    def call_back(self, whom: str, name: str, *arguments: Any) -> None:
        """Call one of the bridge's functions."""
        known = self._events.get(whom)
        if known is None:
            return
        events = known()
        if events is None:
            segfault()
        call_back(events.functions.get(name), *arguments)

    def begin(self, passcode: str) -> None:
        """What comes of `Join`."""
        if self.scenario.passcode is not None and passcode != self.scenario.passcode:
            self.later(10, lambda: self.set_status("CONNECTING", 0))  # and that is all that ever comes
            return
        delay_ms = 0
        for step in self.scenario.script:
            delay_ms += step.get("after_ms", 0)
            self.later(delay_ms, lambda step=step: self.run_step(step))  # type: ignore[misc]

    def set_status(self, name: str, reason: int) -> None:
        """Change the meeting's status, and tell."""
        self.status = name
        if not self.inside:
            self.in_voip = False
            self.drop_camera()
            self.drop_microphone()
        self.call_back("meeting", "onMeetingStatusChangedCallback", _STATUS[f"MEETING_STATUS_{name}"], reason)

    def change_room(self, *, inside: bool) -> None:
        """Into a breakout room, or out of it."""
        self.set_status("JOIN_BREAKOUT_ROOM" if inside else "LEAVE_BREAKOUT_ROOM", 0)
        self.in_breakout_room = inside
        self.later(10, lambda: self.set_status("INMEETING", 0))

    def set_video(self, *, on: bool) -> None:
        """Our camera goes on or off, whoever does it."""
        self.own["video_on"] = on
        self.note("video", on=on)
        if self.sender is not None:
            name = "onStartSendCallback" if on else "onStopSendCallback"
            self.later(5, lambda: self.call_back("camera", name))

    def drop_camera(self) -> None:
        """The sender is gone for good."""
        if self.sender is not None:
            self.sender = None
            self.own["video_on"] = False
            self.call_back("camera", "onStopSendCallback")
            self.call_back("camera", "onUninitializedCallback")

    def offer_microphone(self) -> None:
        """Once both are there: sound was joined, and a source is set."""
        if not self.in_voip or "microphone" not in self._events or self._microphone is not None:
            return
        from zoom_lab.media import IZoomSDKAudioRawDataSender

        self._microphone = IZoomSDKAudioRawDataSender(self)
        self.call_back("microphone", "onMicInitializeCallback", self._microphone)
        self.call_back("microphone", "onMicStartSendCallback")

    def drop_microphone(self) -> None:
        """No more sound."""
        if self._microphone is not None:
            self._microphone = None
            self.call_back("microphone", "onMicStopSendCallback")
            self.call_back("microphone", "onMicUninitializedCallback")
            del self._events["microphone"]

    def seen(self, i420: bytes, width: int, height: int, kind: str) -> None:
        """A picture has been sent."""
        self._pictures += 1
        if self._screen is not None:
            self._screen.write(PictureHeader(self._pictures, time.monotonic(), width, height, 0), i420)
        if self._pictures == 1 or self._pictures % 25 == 0:
            self.note("pictures", count=self._pictures, size=[width, height], format=kind)

    def heard(self, samples: bytes, rate_hz: int, channels: str) -> None:
        """A packet of sound has been sent."""
        self.note("sound", rate_hz=rate_hz, channels=channels, bytes=len(samples), first=list(samples[:4]))
