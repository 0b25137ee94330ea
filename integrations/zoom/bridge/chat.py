"""The meeting's chat, both ways."""

from __future__ import annotations

from collections.abc import Callable

from eyeline.integrations.zoom.bridge.hold import Held, SdkObject
from eyeline.integrations.zoom.bridge.messages import ChatAnswered, ChatHeard, ChatRights, Event, SendChat

MAX_TEXT_CHARS = 8000
MAX_NAME_CHARS = 200

NOT_NOW = "SDKERR_NOT_IN_MEETING"

_PRIVATE = ("To_Individual", "To_Individual_Panelist")


class Chat:
    """The chat of the meeting that we are in.

    Args:
        sdk: The SDK.
        say: Tells the meeting process.
        own_id: Our user id, whose lines come back to us.
    """

    def __init__(self, sdk: Held, say: Callable[[Event], None], own_id: Callable[[], int]) -> None:
        self._sdk = sdk
        self._say = say
        self._own_id = own_id
        self._controller: SdkObject | None = None

    def enter(self, meeting: SdkObject) -> None:
        """Listen in the meeting that has begun."""
        self._controller = self._sdk.get(meeting, "GetMeetingChatController")
        if self._controller is None:
            return
        events = self._sdk.callbacks(
            "MeetingChatEventCallbacks",
            onChatMsgNotificationCallback=self._heard,
            onChatStatusChangedNotificationCallback=self._rights_changed,
        )
        self._sdk.do(self._controller, "SetEvent", events)
        status = self._sdk.get(self._controller, "GetChatStatus")
        if status is not None:
            self._rights_changed(status)

    def leave(self) -> None:
        """There is nobody to talk to for the moment."""
        self._controller = None

    def speak(self, line: SendChat) -> None:
        """Say a line; it is answered in any case."""
        self._say(ChatAnswered(line.request, self._sent(line)))

    def _sent(self, line: SendChat) -> str:
        if self._controller is None:
            return NOT_NOW
        kind = self._sdk.enum("SDKChatMessageType", "To_Individual" if line.to else "To_All")
        builder = self._sdk.get(self._controller, "GetChatMessageBuilder")
        for method, value in (("SetContent", line.text), ("SetReceiver", line.to), ("SetMessageType", kind)):
            self._sdk.get(builder, method, value)
        return self._sdk.do(self._controller, "SendChatMsgTo", self._sdk.get(builder, "Build"))

    def _heard(self, line: SdkObject, _content: str | None) -> None:
        """The second argument is None in this release; the text is in the first."""
        sender_id = self._sdk.get(line, "GetSenderUserId")
        if sender_id == self._own_id():
            return
        self._say(
            ChatHeard(
                sender_id,
                self._sdk.text(line, "GetSenderDisplayName", MAX_NAME_CHARS),
                self._sdk.text(line, "GetContent", MAX_TEXT_CHARS),
                self._sdk.get(line, "GetChatMessageType").name in _PRIVATE,
            )
        )

    def _rights_changed(self, status: SdkObject) -> None:
        self._say(self._rights(status))

    def _rights(self, status: SdkObject) -> ChatRights:
        read = self._sdk.read
        if read(status, "is_chat_off"):
            return ChatRights(to_all=False, privately=False)
        if read(status, "is_webinar_attendee"):
            attendee = read(status, "webinar_attendee_status")
            return ChatRights(
                to_all=read(attendee, "can_chat") and read(attendee, "can_chat_to_all_panellist_and_attendee"),
                privately=False,
            )
        if read(status, "is_webinar_meeting"):
            panelist = read(status, "webinar_other_status")
            return ChatRights(
                to_all=read(panelist, "can_chat_to_all_panellist_and_attendee"),
                privately=read(panelist, "can_chat_to_individual"),
            )
        normal = read(status, "normal_meeting_status")
        can_chat = read(normal, "can_chat")
        return ChatRights(
            to_all=can_chat and read(normal, "can_chat_to_all"),
            privately=can_chat and (read(normal, "can_chat_to_individual") or read(normal, "is_only_can_chat_to_host")),
        )
