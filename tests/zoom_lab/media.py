"""The double's camera and microphone: asked for, taken, stopped."""

# ruff: noqa: N802, N803 - Zoom's names

from __future__ import annotations

from typing import Any

from zoom_lab.strict import segfault, strict
from zoom_lab.values import SUCCESS, SDKError, capability
from zoom_lab.world import World


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
