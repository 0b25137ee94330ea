"""Who is in the double's meeting and what is said there: people, chat, notices, breakout rooms."""

# ruff: noqa: N802 - Zoom's names

from __future__ import annotations

from typing import Any

from zoom_lab.strict import strict
from zoom_lab.values import ENUMS, SUCCESS, SDKError, chat_status
from zoom_lab.world import World


@strict
class IUserInfo:
    """Somebody, as of now."""

    def __init__(self, world: World, user_id: int) -> None:
        self._world = world
        self._id = user_id

    @property
    def _known(self) -> dict[str, Any]:
        return self._world.person(self._id)

    def GetUserID(self) -> int:
        return self._id

    def GetUserName(self) -> str:
        return str(self._known.get("name", ""))

    def GetPersistentId(self) -> str:
        return str(self._known.get("persistent_id", ""))

    def GetUserRole(self) -> Any:
        return ENUMS["UserRole"]["USERROLE_HOST" if self._known.get("host") else "USERROLE_ATTENDEE"]

    def IsMySelf(self) -> bool:
        return self._id == self._world.scenario.own_id

    def IsVideoOn(self) -> bool:
        return bool(self._known.get("video_on", False))

    def IsAudioMuted(self) -> bool:
        return bool(self._known.get("audio_muted", False))


@strict
class IMeetingParticipantsController:
    """Who is there."""

    def __init__(self, world: World) -> None:
        self._world = world

    def SetEvent(self, arg: Any) -> Any:
        self._world.listen("participants", arg)
        return SUCCESS

    def GetParticipantsList(self) -> list[int]:
        return [*self._world.people, self._world.scenario.own_id]

    def GetMySelfUser(self) -> Any:
        return IUserInfo(self._world, self._world.scenario.own_id)

    def GetUserByUserID(self, arg: int) -> Any:
        return IUserInfo(self._world, arg) if arg in self.GetParticipantsList() else None

    def GetBotAuthorizedUserInfoByUserID(self, arg: int) -> Any:
        wanted = self._world.scenario.authorized_user if arg == self._world.scenario.own_id else 0
        return IUserInfo(self._world, wanted) if wanted in self._world.people else None

    def IsParticipantsStartVideoAllowed(self) -> bool:
        return self._world.may_start_video


@strict
class IChatMsgInfo:
    """A line of chat."""

    def __init__(self, sender_id: int, sender_name: str, text: str, kind: str, to: int) -> None:
        self._line = (sender_id, sender_name, text, kind, to)

    def GetSenderUserId(self) -> int:
        return self._line[0]

    def GetSenderDisplayName(self) -> str:
        return self._line[1]

    def GetContent(self) -> str:
        return self._line[2]

    def GetChatMessageType(self) -> Any:
        return ENUMS["SDKChatMessageType"][self._line[3]]


@strict
class IChatMsgInfoBuilder:
    """Makes a line of chat."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._text, self._to, self._kind = "", 0, "To_None"

    def SetContent(self, arg: str) -> Any:
        self._text = arg
        return self

    def SetReceiver(self, arg: int) -> Any:
        self._to = arg
        return self

    def SetMessageType(self, arg: Any) -> Any:
        self._kind = arg.name
        return self

    def Build(self) -> Any:
        return IChatMsgInfo(self._world.scenario.own_id, "", self._text, self._kind, self._to)


@strict
class IMeetingChatController:
    """The chat."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._builder = IChatMsgInfoBuilder(world)

    def SetEvent(self, arg: Any) -> Any:
        self._world.listen("chat", arg)
        return SUCCESS

    def GetChatStatus(self) -> Any:
        return chat_status(**self._world.chat_status)

    def GetChatMessageBuilder(self) -> Any:
        return self._builder

    def SendChatMsgTo(self, arg: Any) -> Any:
        sender_id, _, text, kind, to = arg._line
        if (to == 0) != (kind == "To_All"):
            return SDKError["SDKERR_INVALID_PARAMETER"]
        answer = SDKError[self._world.scenario.send_chat]
        if answer is SUCCESS:
            self._world.note("chat", text=text, to=to, private=kind == "To_Individual")
            # One hears oneself.
            heard = IChatMsgInfo(sender_id, self._world.own["name"], text, kind, to)
            self._world.later(0, lambda: self._world.call_back("chat", "onChatMsgNotificationCallback", heard, None))
        return answer


@strict
class IMeetingReminderContent:
    """A notice."""

    def __init__(self, title: str, text: str) -> None:
        self._title, self._text = title, text

    def GetTitle(self) -> str:
        return self._title

    def GetContent(self) -> str:
        return self._text


@strict
class IMeetingReminderHandler:
    """What one says to a notice."""

    def __init__(self, world: World, title: str) -> None:
        self._world, self._title = world, title

    def Accept(self) -> Any:
        self._world.note("accepted", title=self._title)
        return SUCCESS


@strict
class IMeetingReminderController:
    """Notices."""

    def __init__(self, world: World) -> None:
        self._world = world

    def SetEvent(self, arg: Any) -> Any:
        self._world.listen("reminder", arg)
        return SUCCESS


@strict
class IBOAttendee:
    """The way into a breakout room."""

    def __init__(self, world: World) -> None:
        self._world = world

    def JoinBo(self) -> bool:
        self._world.note("call", name="JoinBo")
        self._world.later(10, lambda: self._world.change_room(inside=True))
        return True


@strict
class IReturnToMainSessionHandler:
    """The way back."""

    def __init__(self, world: World) -> None:
        self._world = world

    def ReturnToMainSession(self) -> bool:
        self._world.later(10, lambda: self._world.change_room(inside=False))
        return True


@strict
class IMeetingBOController:
    """Breakout rooms."""

    def __init__(self, world: World) -> None:
        self._world = world

    def SetEvent(self, arg: Any) -> bool:
        self._world.listen("breakout", arg)
        return True

    def IsInBOMeeting(self) -> bool:
        return self._world.in_breakout_room
