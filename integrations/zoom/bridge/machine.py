"""The bridge itself: from nothing into a meeting and out of it, step by step, as the SDK answers.

Pure Python that knows the SDK as an argument only, so that a test can hand it another one.
"""

from __future__ import annotations

from typing import Any

from eyeline.integrations.zoom.bridge.audio_out import AudioOut
from eyeline.integrations.zoom.bridge.authentication import AUTHENTICATED, authenticate, start_sdk
from eyeline.integrations.zoom.bridge.chat import NOT_NOW
from eyeline.integrations.zoom.bridge.codec import BadMessageError
from eyeline.integrations.zoom.bridge.control import ControlLink, ParentGoneError
from eyeline.integrations.zoom.bridge.hold import SUCCESS, Held, SdkObject
from eyeline.integrations.zoom.bridge.joining import join, join_audio_by_itself
from eyeline.integrations.zoom.bridge.loop import Loop
from eyeline.integrations.zoom.bridge.meeting import Meeting
from eyeline.integrations.zoom.bridge.messages import (
    PROTOCOL_VERSION,
    Authenticated,
    Begin,
    BreakoutRoom,
    CallRefused,
    ChatAnswered,
    Command,
    Event,
    Fault,
    Goodbye,
    Leave,
    MeetingStatus,
    Ping,
    Pong,
    SendChat,
    SetAudioMuted,
    SetVideoMuted,
)
from eyeline.integrations.zoom.bridge.pace import Pace
from eyeline.integrations.zoom.bridge.phase import STATUS_PHASES, Phase, may_follow
from eyeline.integrations.zoom.bridge.pictures import PictureReader
from eyeline.integrations.zoom.bridge.video_out import VideoOut
from eyeline.processing.byte_ring import RingError

_SECOND_MS = 1000

_BREAKOUT = {"MEETING_STATUS_JOIN_BREAKOUT_ROOM": True, "MEETING_STATUS_LEAVE_BREAKOUT_ROOM": False}


class Bridge:
    """One try to join one meeting, and the stay in it.

    Args:
        sdk: The SDK's module, or what stands for it.
        loop: The loop that the SDK calls back on.
        control: To the meeting process.
        wake: An eventfd, written after each picture.
        sound: A socket that sound comes from.
        pace: How long it takes for what.
    """

    def __init__(self, sdk: Any, loop: Loop, control: ControlLink, *, wake: int, sound: int, pace: Pace) -> None:
        self._sdk = Held(sdk, self._say)
        self._loop = loop
        self._control = control
        self._wake = wake
        self._sound = sound
        self._pace = pace
        self._phase = Phase.WAITING_FOR_BEGIN
        self._service: SdkObject = None
        self._auth_service: SdkObject = None
        self._meeting: Meeting | None = None
        self._wishes: dict[type[Command], SetVideoMuted | SetAudioMuted] = {}
        self._seconds_without_ping = 0

    def run(self) -> None:
        """Until the meeting is over, or the meeting process is gone or wants it; has said `Goodbye` then."""
        self._loop.watch(self._control.descriptor, self._sdk.safe("control", self._on_control))
        self._loop.every(_SECOND_MS, self._sdk.safe("patience", self._look_for_parent))
        self._loop.every(self._pace.look_ms, self._sdk.safe("tick", self._tick))
        self._loop.every(self._pace.sent_ms, self._sdk.safe("sent", self._tell_sent))
        self._loop.run()
        self._say(Goodbye())
        self._control.finish()

    def clean_up(self) -> None:
        """Give everything back to the SDK. May crash or hang: nothing that matters may come after it."""
        services = (("DestroyMeetingService", self._service), ("DestroyAuthService", self._auth_service))
        for destroy, service in services:
            if service is not None:
                self._sdk.call(destroy, service)
        if self._auth_service is not None:
            self._sdk.call("CleanUPSDK")

    def _say(self, event: Event) -> None:
        self._control.say(event)
        if self._control.gone:
            self._end()

    def _go(self, phase: Phase) -> bool:
        """Whether that was possible."""
        if not may_follow(self._phase, phase):
            return False
        self._phase = phase
        return True

    def _end(self) -> None:
        """Not at once: this may be a callback of the SDK's."""
        if self._go(Phase.ENDED):
            self._loop.stop()

    def _on_control(self) -> None:
        try:
            for command in self._control.read():
                self._obey(command)
        except ParentGoneError:
            self._end()
        except BadMessageError:
            self._say(Fault("control", BadMessageError.__name__))
            self._end()

    def _obey(self, command: Command) -> None:
        match command:
            case Ping(number=number):
                self._seconds_without_ping = 0
                self._say(Pong(number))
            case Begin():
                self._begin(command)
            case Leave():
                self._leave()
            case SendChat():
                self._send_chat(command)
            case SetVideoMuted() | SetAudioMuted():
                self._wishes[type(command)] = command
                self._apply(command)

    def _send_chat(self, line: SendChat) -> None:
        if self._meeting is None:
            self._say(ChatAnswered(line.request, NOT_NOW))
        else:
            self._meeting.send_chat(line)

    def _apply(self, wish: SetVideoMuted | SetAudioMuted) -> None:
        if self._meeting is None:
            return
        if isinstance(wish, SetVideoMuted):
            self._meeting.set_video_muted(wish)
        else:
            self._meeting.set_audio_muted(wish)

    def _begin(self, begin: Begin) -> None:
        if not self._go(Phase.AUTHENTICATING):
            raise BadMessageError("a second Begin")
        refused = self._refused(begin)
        if refused is not None:
            self._say(refused)
            self._end()

    def _refused(self, begin: Begin) -> CallRefused | None:
        """Start everything; what stopped it."""
        if begin.version != PROTOCOL_VERSION:
            return CallRefused("Begin", "version")
        try:
            pictures = PictureReader.attach(begin.ring)
        except RingError:
            return CallRefused("Begin", RingError.__name__)
        refused = start_sdk(self._sdk, begin)
        if refused is not None:
            return refused
        self._auth_service = self._sdk.call("CreateAuthService")
        self._service = self._sdk.call("CreateMeetingService")
        self._sdk.do(self._service, "SetEvent", self._status_callbacks())
        video = VideoOut(self._sdk, self._loop, pictures, self._wake, self._say)
        audio = AudioOut(self._sdk, self._loop, self._sound, self._say)
        self._meeting = Meeting(self._sdk, self._loop, self._service, begin, video, audio, self._say, self._pace)
        for wish in self._wishes.values():
            self._apply(wish)

        def answered(answer: Authenticated) -> None:
            self._authenticated(answer, begin)

        return authenticate(self._sdk, self._auth_service, begin.sdk_jwt, answered)

    def _status_callbacks(self) -> SdkObject:
        return self._sdk.callbacks("MeetingServiceEventCallbacks", onMeetingStatusChangedCallback=self._status_changed)

    def _authenticated(self, answer: Authenticated, begin: Begin) -> None:
        if self._phase is not Phase.AUTHENTICATING:
            return  # it may be told again, and the JWT's end is told here too
        self._say(answer)
        if answer.result != AUTHENTICATED:
            self._end()
            return
        self._go(Phase.JOINING)
        refused = join(self._sdk, self._service, begin)
        if refused is not None:
            self._say(refused)
            self._end()
        elif begin.send_audio:
            join_audio_by_itself(self._sdk)

    def _status_changed(self, status: SdkObject, reason: int) -> None:
        if self._phase is Phase.ENDED:
            return  # a failure is followed by an end, which says less
        name: str = status.name
        self._say(MeetingStatus(name, reason))
        if name in _BREAKOUT:
            self._say(BreakoutRoom(inside=_BREAKOUT[name]))
        phase = STATUS_PHASES.get(name)
        if phase is Phase.ENDED:
            self._end()
        elif phase is not None:
            moved = phase is not self._phase and self._go(phase)
            if self._meeting is not None:
                self._follow(self._meeting, moved=moved)

    def _follow(self, meeting: Meeting, *, moved: bool) -> None:
        if moved and self._phase is Phase.IN_MEETING:
            meeting.enter()
        elif moved:
            meeting.leave()
        if self._phase is Phase.JOINING:
            meeting.approach()

    def _leave(self) -> None:
        if not self._go(Phase.LEAVING):
            self._end()
            return
        if self._meeting is not None:
            self._meeting.leave()
        self._loop.after(self._pace.leaving_ms, self._sdk.safe("leaving", self._end))
        if self._sdk.do(self._service, "Leave", self._sdk.enum("LeaveMeetingCmd", "LEAVE_MEETING")) != SUCCESS:
            self._end()

    def _look_for_parent(self) -> None:
        """By ticks, not by a clock: who was stopped together with its parent has missed nothing."""
        self._seconds_without_ping += 1
        if self._seconds_without_ping > self._pace.patience_s:
            self._end()

    def _tick(self) -> None:
        if self._meeting is not None:
            self._meeting.tick()

    def _tell_sent(self) -> None:
        if self._meeting is not None:
            self._meeting.tell_sent()
