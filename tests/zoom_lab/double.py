"""Zoom's SDK as the bridge knows it: the module and its services, over a `World` that says what happens.

Written from experiments with the real module, as far as one gets without Zoom (everything before a meeting), and from
what users of it report beyond that.
"""

# ruff: noqa: N802, N803 - Zoom's names

from __future__ import annotations

import json
import weakref
from types import SimpleNamespace
from typing import Any

from zoom_lab import inside, media, values
from zoom_lab.inside import (
    IMeetingBOController,
    IMeetingChatController,
    IMeetingParticipantsController,
    IMeetingReminderController,
)
from zoom_lab.media import (
    IMeetingAudioController,
    IMeetingVideoController,
    IZoomSDKAudioRawDataHelper,
    IZoomSDKVideoSourceHelper,
)
from zoom_lab.strict import CONTRACT, callback_classes, segfault, strict, strict_function
from zoom_lab.values import ENUMS, SUCCESS, SDKError
from zoom_lab.world import World


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
    found = vars(values) | vars(inside) | vars(media) | globals()
    for name in CONTRACT["classes"]:
        setattr(sdk, name, found[name])
    return sdk
