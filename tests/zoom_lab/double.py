"""Zoom's SDK as the bridge knows it: the classes, over a `World` that says what happens.

Written from experiments with the real module, as far as one gets without Zoom (everything before a meeting), and from
what users of it report beyond that.
"""

# ruff: noqa: N802, N803 - Zoom's names

from __future__ import annotations

import json
import struct
import weakref
from types import SimpleNamespace
from typing import Any

from zoom_lab.strict import CONTRACT, callback_classes, enums, segfault, strict, strict_function
from zoom_lab.world import World

ENUMS = enums()
SDKError = ENUMS["SDKError"]
SUCCESS = SDKError["SDKERR_SUCCESS"]

_NATIVE_STDOUT = 1


@strict
class InitParam:
    """Plain data."""


@strict
class AuthContext:
    """Plain data."""


@strict
class JoinParam4WithoutLogin:
    """Plain data."""


@strict
class JoinParam:
    """Plain data; `param` is a live reference."""

    def __init__(self) -> None:
        self.param = JoinParam4WithoutLogin()


@strict
class VideoSourceCapability:
    """Plain data."""


@strict
class NormalMeetingChatStatus:
    """Plain data."""


@strict
class WebinarAttendeeChatStatus:
    """Plain data."""


@strict
class WebinarOtherUserRoleChatStatus:
    """Plain data."""


@strict
class ChatStatus:
    """Plain data."""


@strict
class IAuthService:
    """Looks at a JWT, and answers later."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._pending = False

    def SetEvent(self, arg: Any) -> Any:
        self._world.listen("auth", arg)
        return SUCCESS

    def SDKAuth(self, arg: Any) -> Any:
        jwt = arg.jwt_token
        if not jwt:
            return SDKError["SDKERR_INVALID_PARAMETER"]
        if self._pending or len(jwt.split(".")) != 3 or not all(jwt.split(".")):
            return SDKError["SDKERR_INTERNAL_ERROR"]
        self._pending = True
        self._world.later(self._world.scenario.auth_after_ms, self._answer)
        return SUCCESS

    def _answer(self) -> None:
        self._pending = False
        self._world.authenticated = self._world.scenario.auth == "AUTHRET_SUCCESS"
        answer = ENUMS["AuthResult"][self._world.scenario.auth]
        self._world.call_back("auth", "onAuthenticationReturnCallback", answer)


@strict
class IAudioSettingContext:
    """Of what happens by itself."""

    def __init__(self, world: World) -> None:
        self._world = world

    def EnableAutoJoinAudio(self, arg: bool) -> Any:
        self._world.note("call", name="EnableAutoJoinAudio", on=arg)
        return SUCCESS


@strict
class ISettingService:
    """Knows nothing before one is authenticated."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._audio = IAudioSettingContext(world)

    def GetAudioSettings(self) -> Any:
        return self._audio if self._world.authenticated else None


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


@strict
class IMeetingAudioController:
    """Our microphone."""

    def __init__(self, world: World) -> None:
        self._world = world

    def JoinVoip(self) -> Any:
        self._world.note("call", name="JoinVoip")
        if self._world.refuses("JoinVoip"):
            return SDKError["SDKERR_WRONG_USAGE"]
        self._world.in_voip = True
        self._world.offer_microphone()
        return SUCCESS

    def MuteAudio(self, userid: int, allowUnmuteBySelf: bool = True) -> Any:
        return self._set(userid, muted=True)

    def UnMuteAudio(self, arg: int) -> Any:
        return self._set(arg, muted=False)

    def _set(self, user_id: int, *, muted: bool) -> Any:
        if user_id != self._world.scenario.own_id:
            return SDKError["SDKERR_NO_PERMISSION"]
        self._world.own["audio_muted"] = muted
        self._world.note("audio", muted=muted)
        return SUCCESS


@strict
class IMeetingVideoController:
    """Our camera."""

    def __init__(self, world: World) -> None:
        self._world = world

    def MuteVideo(self) -> Any:
        self._world.set_video(on=False)
        return SUCCESS

    def UnmuteVideo(self) -> Any:
        answer = SDKError[self._world.scenario.unmute_video]
        if not self._world.may_start_video:
            return SDKError["SDKERR_NO_PERMISSION"]
        if answer is SUCCESS:
            self._world.set_video(on=True)
        return answer


@strict
class IZoomSDKVideoSender:
    """Takes pictures from `onStartSend` on; the very first is too early, and `onStartSend` comes again."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._early = 0

    def sendVideoFrame(self, arg0: bytes, arg1: int, arg2: int, arg3: int, arg4: Any) -> Any:
        if self._world.sender is not self:
            segfault()
        if self._early < self._world.scenario.refused_frames:
            self._early += 1
            self._world.later(5, lambda: self._world.call_back("camera", "onStartSendCallback"))
            return SDKError["SDKERR_WRONG_USAGE"]
        if len(arg0) != arg1 * arg2 * 3 // 2 or arg3 != 0:
            return SDKError["SDKERR_INVALID_PARAMETER"]
        self._world.seen(arg0, arg1, arg2, arg4.name)
        return SUCCESS


@strict
class IZoomSDKVideoSourceHelper:
    """Asked for a camera."""

    def __init__(self, world: World) -> None:
        self._world = world

    def setExternalVideoSource(self, arg: Any) -> Any:
        if not self._world.inside or self._world.refuses("setExternalVideoSource"):
            return SDKError["SDKERR_INTERNAL_ERROR"]
        self._world.note("call", name="setExternalVideoSource")
        self._world.drop_camera()
        self._world.listen("camera", arg)
        self._world.sender = IZoomSDKVideoSender(self._world)
        size = capability(*self._world.size)
        self._world.call_back("camera", "onInitializeCallback", self._world.sender, [size], size)
        return SUCCESS


@strict
class IZoomSDKAudioRawDataSender:
    """Takes sound."""

    def __init__(self, world: World) -> None:
        self._world = world

    def send(self, arg0: bytes, arg1: int, arg2: Any) -> Any:
        self._world.heard(arg0, arg1, arg2.name)
        return SUCCESS


@strict
class IZoomSDKAudioRawDataHelper:
    """Asked for a microphone."""

    def __init__(self, world: World) -> None:
        self._world = world

    def setExternalAudioSource(self, arg: Any) -> Any:
        self._world.note("call", name="setExternalAudioSource")
        if self._world.refuses("setExternalAudioSource"):
            return SDKError["SDKERR_WRONG_USAGE"]
        self._world.listen("microphone", arg)
        self._world.offer_microphone()
        return SUCCESS


@strict
class IMeetingService:
    """The meeting; what belongs to it is there only while one is in it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._audio = IMeetingAudioController(world)
        self._breakout = IMeetingBOController(world)
        self._chat = IMeetingChatController(world)
        self._participants = IMeetingParticipantsController(world)
        self._reminder = IMeetingReminderController(world)
        self._video = IMeetingVideoController(world)

    def SetEvent(self, arg: Any) -> Any:
        self._world.listen("meeting", arg)
        return SUCCESS

    def Join(self, arg: Any) -> Any:
        param = arg.param
        joined = {name: getattr(param, name) for name in CONTRACT["classes"]["JoinParam4WithoutLogin"]}
        # As the real wrapper: everything, in clear, from C.
        self._world.print_natively(f"Join {json.dumps(joined)}")
        if not self._world.authenticated:
            return SDKError["SDKERR_UNAUTHENTICATION"]
        self._world.note("join", **joined)
        answer = SDKError[self._world.scenario.join]
        if answer is SUCCESS:
            self._world.own["name"] = joined["userName"]
            self._world.own["audio_muted"] = bool(joined["isAudioOff"])
            self._world.begin(joined["psw"] or "")
        return answer

    def Leave(self, arg: Any) -> Any:
        if self._world.scenario.hang_in == "Leave":
            self._world.hang()
        if self._world.status in ("IDLE", "ENDED", "FAILED"):
            return SDKError["SDKERR_MODULE_LOAD_FAILED"]
        self._world.note("call", name="Leave")
        self._world.later(20, lambda: self._world.set_status("DISCONNECTING", 0))
        self._world.later(40, lambda: self._world.set_status("ENDED", 0))
        return SUCCESS

    def _if_inside(self, controller: Any) -> Any:
        return controller if self._world.inside else None

    def GetMeetingAudioController(self) -> Any:
        return self._if_inside(self._audio)

    def GetMeetingBOController(self) -> Any:
        return self._if_inside(self._breakout)

    def GetMeetingChatController(self) -> Any:
        return self._if_inside(self._chat)

    def GetMeetingParticipantsController(self) -> Any:
        return self._if_inside(self._participants)

    def GetMeetingReminderController(self) -> Any:
        return self._reminder if self._world.scenario.early_reminders else self._if_inside(self._reminder)

    def GetMeetingVideoController(self) -> Any:
        return self._if_inside(self._video)


def capability(width: int, height: int, frame: int) -> Any:
    """A size that Zoom takes."""
    made = VideoSourceCapability()
    made.width, made.height, made.frame = width, height, frame
    return made


def chat_status(
    *, off: bool = False, can_chat: bool = True, to_all: bool = True, privately: bool = True, only_host: bool = False
) -> Any:
    """What one may say in a plain meeting."""
    made, normal = ChatStatus(), NormalMeetingChatStatus()
    normal.can_chat, normal.can_chat_to_all = can_chat, to_all
    normal.can_chat_to_individual, normal.is_only_can_chat_to_host = privately, only_host
    made.is_chat_off, made.is_webinar_attendee, made.is_webinar_meeting = off, False, False
    made.normal_meeting_status = normal
    made.webinar_attendee_status = WebinarAttendeeChatStatus()
    made.webinar_other_status = WebinarOtherUserRoleChatStatus()
    return made


class Functions:
    """The module's own functions."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._services: dict[type, Any] = {}
        self._helpers: dict[type, weakref.ref[Any]] = {}
        self._initialized = False

    def InitSDK(self, initParam: Any) -> Any:
        self._world.print_natively(f"InitSDK {initParam.strWebDomain}")
        answer = SDKError[self._world.scenario.init]
        self._initialized = answer is SUCCESS
        return answer

    def CleanUPSDK(self) -> Any:
        if self._world.scenario.hang_in == "CleanUPSDK":
            self._world.hang()
        self._world.note("call", name="CleanUPSDK")
        return SUCCESS

    def CreateAuthService(self) -> Any:
        return self._service(IAuthService)

    def CreateMeetingService(self) -> Any:
        return self._service(IMeetingService)

    def CreateSettingService(self) -> Any:
        return self._service(ISettingService)

    def DestroyAuthService(self, arg: Any) -> Any:
        return SUCCESS

    def DestroyMeetingService(self, arg: Any) -> Any:
        return SUCCESS

    def GetRawdataVideoSourceHelper(self) -> Any:
        return self._helper(IZoomSDKVideoSourceHelper)

    def GetAudioRawdataHelper(self) -> Any:
        return self._helper(IZoomSDKAudioRawDataHelper)

    def _service(self, kind: Any) -> Any:
        if not self._initialized:
            raise RuntimeError(f"Failed to create {kind.__name__}")
        return self._services.setdefault(kind, kind(self._world))

    def _helper(self, kind: Any) -> Any:
        """The wrapper destroys Zoom's one and only when Python drops it."""
        given = self._helpers.get(kind)
        helper = kind(self._world) if given is None else given()
        if helper is None:
            segfault()
        self._helpers[kind] = weakref.ref(helper)
        return helper


def make_sdk(world: World) -> SimpleNamespace:
    """The module."""
    functions = Functions(world)
    sdk = SimpleNamespace(**ENUMS, **callback_classes())
    for name, signature in CONTRACT["functions"].items():
        setattr(sdk, name, strict_function(name, signature, getattr(functions, name), method=False))
    for name in CONTRACT["classes"]:
        kind = globals()[name]
        setattr(sdk, name, kind)
    return sdk


def tone(samples: bytes) -> tuple[int, ...]:
    """The samples of sound, for a test."""
    return struct.unpack(f"={len(samples) // 2}h", samples)
