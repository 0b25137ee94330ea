"""The call that joins, with everything that Zoom may want to know."""

from __future__ import annotations

from eyeline.integrations.zoom.bridge.hold import SUCCESS, Held, SdkObject
from eyeline.integrations.zoom.bridge.messages import Begin, CallRefused


def join(sdk: Held, meeting: SdkObject, begin: Begin) -> CallRefused | None:
    """Ask to be let in; the answer comes as statuses.

    Args:
        sdk: The SDK, authenticated.
        meeting: Its `IMeetingService`, with our callbacks set.
        begin: What to join, and as whom.
    """
    join_parameters = sdk.make("JoinParam", userType=sdk.enum("SDKUserType", "SDK_UT_WITHOUT_LOGIN"))
    fields = {
        "meetingNumber": begin.meeting_number,
        "userName": begin.name,
        "isVideoOff": not begin.send_video,
        "isAudioOff": not begin.send_audio,
        "isMyVoiceInMix": False,
    }
    fields |= {
        field: given
        for field, given in {
            "vanityID": begin.vanity_id,
            "psw": begin.passcode,
            "userZAK": begin.zak,
            "onBehalfToken": begin.on_behalf_token,
            "join_token": begin.join_token,
        }.items()
        if given  # an empty token is none; the SDK may see that differently
    }
    sdk.put(sdk.read(join_parameters, "param"), **fields)
    error = sdk.do(meeting, "Join", join_parameters)
    return None if error == SUCCESS else CallRefused("Join", error)


def join_audio_by_itself(sdk: Held) -> None:
    """Have the SDK take its microphone into the meeting without asking anybody; known only once authenticated."""
    settings = sdk.call("CreateSettingService")
    audio = None if settings is None else sdk.get(settings, "GetAudioSettings")
    if audio is not None:
        sdk.do(audio, "EnableAutoJoinAudio", True)
