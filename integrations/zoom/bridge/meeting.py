"""What there is to do in a meeting, from its beginning on: one object for the stay, entered anew for each room."""

from __future__ import annotations

from collections.abc import Callable

from eyeline.integrations.zoom.bridge.audio_out import AudioOut
from eyeline.integrations.zoom.bridge.breakout import Breakout
from eyeline.integrations.zoom.bridge.chat import Chat
from eyeline.integrations.zoom.bridge.hold import SUCCESS, Held, SdkObject
from eyeline.integrations.zoom.bridge.loop import Loop
from eyeline.integrations.zoom.bridge.messages import (
    Begin,
    Event,
    MediaRefused,
    SendChat,
    Sent,
    SetAudioMuted,
    SetVideoMuted,
)
from eyeline.integrations.zoom.bridge.pace import Pace
from eyeline.integrations.zoom.bridge.people import People
from eyeline.integrations.zoom.bridge.reminders import accept_reminders
from eyeline.integrations.zoom.bridge.video_out import VideoOut

_STOPPED_BY_HOST_S = 1.5
_TRIES = 4
_FORBIDDEN = "SDKERR_NO_PERMISSION"

Step = Callable[[], bool]


class Meeting:
    """The meeting, or whichever of its rooms we are in.

    Args:
        sdk: The SDK.
        loop: For what comes later.
        service: The SDK's `IMeetingService`.
        begin: What is published.
        video: Our camera.
        audio: Our microphone.
        say: Tells the meeting process.
        pace: When our sources begin.
    """

    def __init__(
        self,
        sdk: Held,
        loop: Loop,
        service: SdkObject,
        begin: Begin,
        video: VideoOut,
        audio: AudioOut,
        say: Callable[[Event], None],
        pace: Pace,
    ) -> None:
        self._sdk = sdk
        self._loop = loop
        self._service = service
        self._begin = begin
        self._video = video
        self._audio = audio
        self._say = say
        self._pace = pace
        self._people = People(sdk, say, on_behalf=bool(begin.on_behalf_token))
        self._chat = Chat(sdk, say, lambda: self._people.own_id)
        self._breakout = Breakout(sdk, loop)
        self._inside = False
        self._visit = 0
        self._to_do: list[list[Step]] = []
        self._video_muted = False
        self._audio_muted = False

    def enter(self) -> None:
        """Begin in a room: everything that an earlier one had is gone."""
        self._inside = True
        self._visit += 1
        accept_reminders(self._sdk, self._service, self._say)
        self._people.enter(self._service)
        self._chat.enter(self._service)
        self._breakout.enter(self._service)
        audio = self._audio_steps()
        self._to_do = [self._video_steps(), audio]
        if audio and self._join_voip():
            audio.remove(self._join_voip)
        self._attach_later(_TRIES)

    def approach(self) -> None:
        """On the way in: a notice may stand before the door."""
        accept_reminders(self._sdk, self._service, self._say)

    def leave(self) -> None:
        """Touch nothing of the meeting until it is entered again.

        A camera that was stopped before, and not by the move, was stopped by the host: it stays so in the next room.
        """
        if self._inside and self._video.stopped_for_s > _STOPPED_BY_HOST_S:
            self._video_muted = True
        self._inside = False
        self._people.leave()
        self._chat.leave()

    def send_chat(self, line: SendChat) -> None:
        """Say a line; answered in any case."""
        self._chat.speak(line)

    def set_video_muted(self, wish: SetVideoMuted) -> None:
        """Stop or start our camera; before the camera is there, for when it will be."""
        self._video_muted = wish.muted
        if self._begin.send_video:
            self._apply_once_there(self._apply_video)

    def set_audio_muted(self, wish: SetAudioMuted) -> None:
        """Mute or unmute our microphone; before it is there, for when it will be."""
        self._audio_muted = wish.muted
        if self._begin.send_audio:
            self._apply_once_there(self._apply_audio)

    def tick(self) -> None:
        """Look for what the SDK does not tell."""
        if self._inside:
            self._people.tick()

    def tell_sent(self) -> None:
        """How much went out so far."""
        if self._inside:
            self._say(Sent(self._video.sent, self._video.passed_over, self._video.refused, self._audio.sent))

    def _video_steps(self) -> list[Step]:
        return [self._video.attach, self._apply_video] if self._begin.send_video else []

    def _audio_steps(self) -> list[Step]:
        if not self._begin.send_audio:
            return []
        return [self._join_voip, self._audio.attach, lambda: not self._audio_muted or self._apply_audio()]

    def _attach_later(self, tries: int) -> None:
        visit = self._visit

        def attach() -> None:
            if self._inside and visit == self._visit:
                self._attach(tries)

        self._loop.after(self._pace.sources_after_ms, self._sdk.safe("sources", attach))

    def _attach(self, tries: int) -> None:
        """Do what is still to be done, each as far as it goes: the SDK may not be ready for it yet."""
        for steps in self._to_do:
            while steps and steps[0]():
                del steps[0]
        if any(self._to_do) and tries > 1:
            self._attach_later(tries - 1)
        else:
            self._to_do.clear()

    def _apply_once_there(self, step: Step) -> None:
        if self._inside and not any(self._to_do):
            step()

    def _join_voip(self) -> bool:
        return self._ask("GetMeetingAudioController", "JoinVoip")

    def _apply_video(self) -> bool:
        return self._ask("GetMeetingVideoController", "MuteVideo" if self._video_muted else "UnmuteVideo")

    def _apply_audio(self) -> bool:
        method = "MuteAudio" if self._audio_muted else "UnMuteAudio"
        return self._ask("GetMeetingAudioController", method, self._people.own_id)

    def _ask(self, controller: str, method: str, *arguments: int) -> bool:
        """Whether there is no more to be done about it: a host who forbids a thing is not asked again."""
        found = self._sdk.get(self._service, controller)
        error = "None" if found is None else self._sdk.do(found, method, *arguments)
        if error != SUCCESS:
            self._say(MediaRefused(method, error))
        return error in (SUCCESS, _FORBIDDEN)
