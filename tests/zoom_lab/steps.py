"""The steps that a scenario, or a test while the bridge runs, can take."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from zoom_lab.inside import (
    IBOAttendee,
    IChatMsgInfo,
    IMeetingReminderContent,
    IMeetingReminderHandler,
    IReturnToMainSessionHandler,
)
from zoom_lab.values import ENUMS, capability, chat_status
from zoom_lab.world import World


class Steps:
    """Each public method is a step; the keywords of the step are its arguments."""

    def __init__(self, world: World) -> None:
        self._world = world

    def run(self, step: dict[str, Any]) -> None:
        """Take one step."""
        about = {name: value for name, value in step.items() if name not in ("do", "after_ms")}
        try:
            taken: Callable[..., None] = getattr(self, f"_{step['do']}")
            taken(**about)
        except Exception as error:
            self._world.note("mistake", step=step, error=repr(error))
            os._exit(99)

    def _status(self, name: str, reason: int = 0) -> None:
        """The meeting's status changes: `INMEETING`, `FAILED` with a reason, ..."""
        self._world.set_status(name, reason)

    def _join(self, user_id: int, **about: Any) -> None:
        """Somebody comes."""
        self._world.people[user_id] = {"user_id": user_id, **about}
        self._world.call_back("participants", "onUserJoinCallback", [user_id], "")

    def _change(self, user_id: int, **about: Any) -> None:
        """Somebody is called otherwise, is made host, or switches a camera or a microphone."""
        self._world.people[user_id] |= about
        if "name" in about:
            self._world.call_back("participants", "onUserNamesChangedCallback", [user_id])
        if "host" in about:
            self._world.call_back("participants", "onHostChangeNotificationCallback", user_id)

    def _leave(self, user_id: int) -> None:
        """Somebody goes."""
        del self._world.people[user_id]
        self._world.call_back("participants", "onUserLeftCallback", [user_id], "")

    def _chat(self, user_id: int, text: str, *, private: bool = False) -> None:
        """Somebody says something."""
        kind = "To_Individual" if private else "To_All"
        name = self._world.person(user_id).get("name", "")
        line = IChatMsgInfo(user_id, name, text, kind, 0)
        self._world.call_back("chat", "onChatMsgNotificationCallback", line, None)

    def _chat_rights(self, **rights: bool) -> None:
        """The host changes who may say what: see `values.chat_status`."""
        self._world.chat_status = rights
        self._world.call_back("chat", "onChatStatusChangedNotificationCallback", chat_status(**rights))

    def _remind(self, title: str, text: str) -> None:
        """A notice comes up."""
        content = IMeetingReminderContent(title, text)
        handler = IMeetingReminderHandler(self._world, title)
        self._world.call_back("reminder", "onReminderNotifyCallback", content, handler)

    def _size(self, width: int, height: int, fps: int = 25) -> None:
        """Zoom wants another size."""
        self._world.size = (width, height, fps)
        size = capability(width, height, fps)
        self._world.call_back("camera", "onPropertyChangeCallback", [size], size)

    def _stop_video(self, *, allowed: bool = True) -> None:
        """The host stops our camera, and may forbid to start it."""
        self._world.may_start_video = allowed
        self._world.set_video(on=False)

    def _allow_video(self, *, allowed: bool) -> None:
        """The host allows or forbids cameras."""
        self._world.may_start_video = allowed
        name = "onAllowParticipantsStartVideoNotificationCallback"
        self._world.call_back("participants", name, allowed)

    def _mute(self) -> None:
        """The host mutes us."""
        self._world.own["audio_muted"] = True

    def _stop_audio(self) -> None:
        """Zoom takes no sound any more."""
        self._world.call_back("microphone", "onMicStopSendCallback")

    def _start_audio(self) -> None:
        """Zoom takes sound again."""
        self._world.call_back("microphone", "onMicStartSendCallback")

    def _breakout(self) -> None:
        """The host opens breakout rooms, one of them for us."""
        attendee = IBOAttendee(self._world)
        self._world.call_back("breakout", "onHasAttendeeRightsNotificationCallback", attendee)
        started = ENUMS["BO_STATUS"]["BO_STATUS_STARTED"]
        self._world.call_back("breakout", "onBOStatusChangedCallback", started)

    def _call_back(self) -> None:
        """The host asks us back from a breakout room."""
        handler = IReturnToMainSessionHandler(self._world)
        self._world.call_back("breakout", "onHostInviteReturnToMainSessionCallback", "Grace", handler)

    def _crash(self, number: int = signal.SIGSEGV) -> None:
        """The SDK crashes."""
        if number != signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    def _hang(self) -> None:
        """The SDK hangs."""
        self._world.hang()

    def _exit(self, code: int = 0) -> None:
        """The SDK ends the process, without a word."""
        os._exit(code)

    def _rubbish(self, text: str = "ALSA lib: no card\n") -> None:
        """Something prints into the control socket."""
        [control] = [argument.partition("=")[2] for argument in sys.argv if argument.startswith("--control=")] or [
            sys.argv[sys.argv.index("--control") + 1]
        ]
        os.write(int(control), text.encode())

    def _print(self, text: str) -> None:
        """The SDK prints to C's standard output."""
        self._world.print_natively(text)
