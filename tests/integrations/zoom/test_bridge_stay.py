"""A bridge's way into a meeting, through it and out of it, against the double."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from zoom_lab.process import BridgeProcess
from zoom_lab.stage import Stage

from eyeline.integrations.zoom.bridge.messages import (
    AudioWanted,
    Authenticated,
    BreakoutRoom,
    CallRefused,
    ChatAnswered,
    ChatHeard,
    ChatRights,
    DisclaimerAccepted,
    Event,
    Fault,
    Goodbye,
    Hello,
    Leave,
    MediaRefused,
    MeetingStatus,
    OwnState,
    PersonChanged,
    PersonJoined,
    PersonLeft,
    Pong,
    SendChat,
    Sent,
    SetAudioMuted,
    SetVideoMuted,
    VideoSize,
    VideoWanted,
)

Start = Callable[..., BridgeProcess]

GRACE = {"user_id": 5, "name": "Grace", "host": True, "persistent_id": "gggg"}
IN_MEETING = "MEETING_STATUS_INMEETING"


def statuses(bridge: BridgeProcess) -> list[tuple[str, int]]:
    return [(event.status.removeprefix("MEETING_STATUS_"), event.reason) for event in bridge.of(MeetingStatus)]


def said(bridge: BridgeProcess) -> list[Event]:
    return [event for event in bridge.events if not isinstance(event, Pong)]


def in_meeting(bridge: BridgeProcess) -> BridgeProcess:
    bridge.wait(MeetingStatus, lambda event: event.status == IN_MEETING)
    return bridge


def on_camera(bridge: BridgeProcess, after: int = 0) -> BridgeProcess:
    """Wait until Zoom asks for pictures, the second time: the first one was too early."""
    for _ in range(2):
        found = bridge.wait(VideoWanted, lambda event: event.wanted, after)
        after = next(index for index, event in enumerate(bridge.events) if event is found) + 1
    return bridge


def stop_of_camera(bridge: BridgeProcess, after: int = 0) -> int:
    """The index of the event after it."""
    found = bridge.wait(VideoWanted, lambda event: not event.wanted, after)
    return next(index for index, event in enumerate(bridge.events) if event is found) + 1


def calls(stage: Stage) -> list[str]:
    return [note["name"] for note in stage.notes if note["note"] == "call"]


# The way in


def test_from_nothing_into_a_meeting_and_out_of_it(bridge: Start, stage: Stage) -> None:
    joined = on_camera(bridge(people=[GRACE]))
    joined.wait(AudioWanted)
    assert joined.end() == 0
    kinds = [type(event) for event in said(joined) if not isinstance(event, Sent)]
    assert kinds[:4] == [Hello, Authenticated, MeetingStatus, MeetingStatus]
    assert kinds.index(VideoSize) < kinds.index(VideoWanted)
    assert kinds[-1] is Goodbye
    assert statuses(joined) == [("CONNECTING", 0), ("INMEETING", 0), ("DISCONNECTING", 0), ("ENDED", 0)]
    assert calls(stage) == [
        "EnableAutoJoinAudio",
        "JoinVoip",
        "setExternalVideoSource",
        "setExternalAudioSource",
        "Leave",
        "CleanUPSDK",
    ]
    assert joined.of(Fault) == joined.of(MediaRefused) == []
    assert joined.output() == b""


def test_what_the_link_and_the_person_gave_arrives_whole(bridge: Start, stage: Stage) -> None:
    given = {
        "meeting_number": 2**63 + 5,
        "name": "Ada Løvelace",
        "passcode": "aBc.1",
        "zak": "ZAK",
        "on_behalf_token": "OBF",
        "join_token": "TK",
        "send_audio": False,
    }
    in_meeting(bridge(given))
    joined = stage.wait("join")
    assert joined == {
        "note": "join",
        "meetingNumber": 2**63 + 5,
        "userName": "Ada Løvelace",
        "psw": "aBc.1",
        "userZAK": "ZAK",
        "onBehalfToken": "OBF",
        "join_token": "TK",
        "vanityID": None,
        "isVideoOff": False,
        "isAudioOff": True,
        "isMyVoiceInMix": False,
    }


def test_a_personal_link_is_joined_by_its_name(bridge: Start, stage: Stage) -> None:
    in_meeting(bridge({"meeting_number": 0, "vanity_id": "ada.l"}))
    joined = stage.wait("join")
    assert (joined["meetingNumber"], joined["vanityID"], joined["psw"]) == (0, "ada.l", None)


@pytest.mark.parametrize(
    ("begin", "scenario", "refused"),
    [
        ({}, {"init": "SDKERR_MODULE_LOAD_FAILED"}, CallRefused("InitSDK", "SDKERR_MODULE_LOAD_FAILED")),
        ({"sdk_jwt": ""}, {}, CallRefused("SDKAuth", "SDKERR_INVALID_PARAMETER")),
        ({"sdk_jwt": "a.b"}, {}, CallRefused("SDKAuth", "SDKERR_INTERNAL_ERROR")),
        ({}, {"join": "SDKERR_INVALID_PARAMETER"}, CallRefused("Join", "SDKERR_INVALID_PARAMETER")),
        ({"version": 2}, {}, CallRefused("Begin", "version")),
        ({}, {"auth": "AUTHRET_JWTTOKENWRONG"}, Authenticated("AUTHRET_JWTTOKENWRONG")),
        ({}, {"auth": "AUTHRET_UNKNOWN"}, Authenticated("AUTHRET_UNKNOWN")),
    ],
)
def test_a_refusal_is_told_and_is_the_end(
    bridge: Start, begin: dict[str, Any], scenario: dict[str, Any], refused: CallRefused | Authenticated
) -> None:
    ended = bridge(begin, **scenario)
    ended.wait(Goodbye)
    assert said(ended)[-2:] == [refused, Goodbye()]
    assert ended.ended() == 0


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ([("FAILED", 4)], [("FAILED", 4)]),
        ([("CONNECTING", 0), ("FAILED", 63)], [("CONNECTING", 0), ("FAILED", 63)]),
        ([("CONNECTING", 0), ("FAILED", 501), ("ENDED", 0)], [("CONNECTING", 0), ("FAILED", 501)]),
        ([("CONNECTING", 0), ("FAILED", 65535), ("ENDED", 7)], [("CONNECTING", 0), ("FAILED", 65535)]),
        ([("WAITINGFORHOST", 0), ("ENDED", 3)], [("WAITINGFORHOST", 0), ("ENDED", 3)]),
        ([("IN_WAITING_ROOM", 0), ("ENDED", 2)], [("IN_WAITING_ROOM", 0), ("ENDED", 2)]),
        ([("INMEETING", 0), ("ENDED", 1)], [("INMEETING", 0), ("ENDED", 1)]),
        (
            [("INMEETING", 0), ("RECONNECTING", 0), ("FAILED", 2)],
            [("INMEETING", 0), ("RECONNECTING", 0), ("FAILED", 2)],
        ),
        ([("INMEETING", 0), ("LOCKED", 0), ("ENDED", 99)], [("INMEETING", 0), ("LOCKED", 0), ("ENDED", 99)]),
    ],
)
def test_a_failure_or_an_end_is_told_once_and_is_the_end(
    bridge: Start, script: list[tuple[str, int]], told: list[tuple[str, int]]
) -> None:
    ended = bridge(script=[{"do": "status", "name": name, "reason": reason} for name, reason in script])
    ended.wait(Goodbye)
    assert statuses(ended) == told
    assert ended.of(Fault) == []
    assert ended.ended() == 0


def test_waiting_is_told_and_the_meeting_begins_when_one_is_let_in(bridge: Start, stage: Stage) -> None:
    waiting = bridge(
        script=[{"do": "status", "name": name} for name in ("CONNECTING", "WAITINGFORHOST", "IN_WAITING_ROOM")]
    )
    waiting.wait(MeetingStatus, lambda event: event.status == "MEETING_STATUS_IN_WAITING_ROOM")
    waiting.send(SendChat(7, "hello?", 0))
    assert waiting.wait(ChatAnswered) == ChatAnswered(7, "SDKERR_NOT_IN_MEETING")
    assert waiting.of(OwnState) == []
    stage.do("status", name="INMEETING")
    on_camera(waiting)
    assert [name for name, _ in statuses(waiting)] == ["CONNECTING", "WAITINGFORHOST", "IN_WAITING_ROOM", "INMEETING"]


def test_a_wrong_passcode_hangs_until_one_leaves(bridge: Start) -> None:
    hanging = bridge({"passcode": "4321"}, passcode="1234")
    hanging.wait(MeetingStatus, lambda event: event.status == "MEETING_STATUS_CONNECTING")
    hanging.wait(Pong, after=len(hanging.events))
    assert statuses(hanging) == [("CONNECTING", 0)]
    assert hanging.end() == 0


def test_one_can_leave_before_anything_has_begun(bridge: Start) -> None:
    leaving = bridge(auth_after_ms=60_000)
    assert leaving.end() == 0
    assert leaving.of(MeetingStatus) == []


def test_leaving_is_over_in_time_where_zoom_does_not_say_so(bridge: Start) -> None:
    hanging = in_meeting(bridge(hang_in="CleanUPSDK"))
    hanging.send(Leave())
    hanging.wait(Goodbye)
    assert hanging.ended() == -14  # SIGALRM


# Pictures and sound


def test_pictures_arrive_as_they_were_left_at_the_size_that_was_asked_for(bridge: Start, stage: Stage) -> None:
    joined = bridge(size=[640, 360, 25])
    assert joined.wait(VideoSize) == VideoSize(640, 360, 25)
    on_camera(joined)
    luma, chroma = bytes(range(256)) * 900, bytes(range(240)) * 480
    joined.pictures.write(640, 360, 1.0, luma, chroma)
    joined.wake_up()
    seen = stage.see(lambda header, i420: i420 == luma + chroma)
    assert (seen.width_px, seen.height_px) == (640, 360)
    assert stage.wait("pictures")["format"] == "FrameDataFormat_I420_LIMITED"


def test_the_first_picture_is_refused_black_and_not_an_alarm(bridge: Start, stage: Stage) -> None:
    joined = bridge(size=[320, 180, 30])
    joined.show(320, 180, 200)  # left from before; nobody has asked for it
    stage.see(lambda header, i420: i420 == b"\x10" * 57600 + b"\x80" * 28800)
    sent = joined.wait(Sent)
    assert (sent.pictures_refused, sent.pictures_passed_over) == (1, 1)
    assert len(joined.of(VideoWanted)) == 2
    assert joined.of(MediaRefused) == []


def test_pictures_that_zoom_goes_on_to_refuse_are_told_of_once(bridge: Start) -> None:
    joined = bridge(refused_frames=1000, size=[320, 180, 30])
    assert joined.wait(MediaRefused) == MediaRefused("sendVideoFrame", "SDKERR_WRONG_USAGE")
    joined.wait(Sent, lambda sent: sent.pictures_refused > 5)
    assert len(joined.of(MediaRefused)) == 1


def test_a_picture_that_stands_still_goes_out_again_and_again(bridge: Start, stage: Stage) -> None:
    joined = on_camera(bridge(size=[320, 180, 30]))
    joined.show(320, 180, 99)
    numbers = [stage.see(lambda header, i420: i420[:1] == b"\x63").number for _ in range(3)]
    assert numbers == [numbers[0], numbers[0] + 1, numbers[0] + 2]


def test_another_size_is_told_and_pictures_of_the_larger_one_stay_back(bridge: Start, stage: Stage) -> None:
    joined = on_camera(bridge(size=[640, 360, 25]))
    joined.show(640, 360, 50)
    stage.see(lambda header, i420: i420[:1] == b"\x32")
    stage.do("size", width=320, height=181, fps=15)
    assert joined.wait(VideoSize, lambda size: size.fps == 15) == VideoSize(320, 180, 15)
    joined.show(640, 360, 60)
    joined.show(320, 180, 70)
    seen = stage.see(lambda header, i420: i420[:1] != b"\x32")
    while seen.height_px != 180 or seen.width_px != 320:
        seen = stage.see()
    stage.see(lambda header, i420: i420[:1] == b"\x46")
    joined.show(160, 90, 80)  # we send less than is asked for
    assert stage.see(lambda header, i420: i420[:1] == b"\x50").width_px == 160


def test_a_camera_that_the_host_stops_is_left_alone(bridge: Start, stage: Stage) -> None:
    joined = on_camera(bridge(size=[320, 180, 30]))
    joined.wait(OwnState, lambda own: own.video_on)
    joined.show(320, 180, 77)
    stage.see(lambda header, i420: i420[:1] == b"\x4d")
    stage.do("stop_video", allowed=False)
    own = joined.wait(OwnState, lambda own: not own.video_on, stop_of_camera(joined))
    assert not own.may_start_video
    joined.send(SetVideoMuted(False))
    assert joined.wait(MediaRefused) == MediaRefused("UnmuteVideo", "SDKERR_NO_PERMISSION")
    after = len(joined.events)
    stage.do("allow_video", allowed=True)
    joined.wait(OwnState, lambda own: own.may_start_video, after)
    assert not any(isinstance(event, VideoWanted) for event in joined.events[after:])
    joined.send(SetVideoMuted(False))
    joined.wait(VideoWanted, lambda event: event.wanted, after)
    # What was shown before the pause is not shown after it: the person may have chosen a background meanwhile.
    assert stage.see().number
    seen = stage.see(lambda header, i420: i420[:1] != b"\x4d")
    joined.show(320, 180, 78)
    assert stage.see(lambda header, i420: i420[:1] == b"\x4e").number > seen.number


def test_our_own_mutes_are_done_and_those_from_before_are_remembered(bridge: Start, stage: Stage) -> None:
    waiting = bridge(script=[{"do": "status", "name": "IN_WAITING_ROOM"}])
    waiting.wait(MeetingStatus)
    waiting.send(SetVideoMuted(True))
    waiting.send(SetAudioMuted(True))
    waiting.wait(Pong, after=len(waiting.events))
    stage.do("status", name="INMEETING")
    stage.wait("video", on=False)
    stage.wait("audio", muted=True)
    assert waiting.of(VideoWanted) == []
    waiting.send(SetAudioMuted(False))
    stage.wait("audio", muted=False)
    waiting.wait(OwnState, lambda own: not own.audio_muted, after=1)
    waiting.send(SetVideoMuted(False))
    on_camera(waiting)
    waiting.send(SetVideoMuted(True))
    waiting.wait(VideoWanted, lambda event: not event.wanted)


def test_sound_arrives_as_it_was_sent_and_only_while_it_is_wanted(bridge: Start, stage: Stage) -> None:
    joined = bridge()
    joined.speak(48000, 1, b"unheard!")
    joined.wait(AudioWanted)
    joined.speak(48000, 2, bytes(range(200)))
    assert stage.wait("sound") == {
        "note": "sound",
        "rate_hz": 48000,
        "channels": "ZoomSDKAudioChannel_Stereo",
        "bytes": 200,
        "first": [0, 1, 2, 3],
    }
    joined.speak(8000, 1, b"abcdef")
    assert stage.wait("sound", rate_hz=8000)["channels"] == "ZoomSDKAudioChannel_Mono"
    assert joined.wait(Sent, lambda sent: sent.sounds > 0).sounds == 2
    joined.speak(8000, 7, b"abcdef")
    assert joined.wait(Fault).where == "sound"


def test_nothing_is_published_that_was_not_asked_for(bridge: Start, stage: Stage) -> None:
    listening = in_meeting(bridge({"send_video": False, "send_audio": False}))
    listening.wait(Sent)
    joined = stage.wait("join")
    assert joined["isVideoOff"]
    assert joined["isAudioOff"]
    assert calls(stage) == []
    assert listening.of(VideoSize) == listening.of(AudioWanted) == []


# People and chat


def test_people_are_told_of_as_they_come_change_and_go(bridge: Start, stage: Stage) -> None:
    joined = in_meeting(bridge(people=[GRACE]))
    grace = joined.wait(PersonJoined).person
    assert (grace.user_id, grace.name, grace.host, grace.persistent_id) == (5, "Grace", True, "gggg")
    stage.do("join", user_id=6, name="Bob")
    assert not joined.wait(PersonJoined, lambda event: event.person.user_id == 6).person.host
    stage.do("change", user_id=6, name="Robert")
    joined.wait(PersonChanged, lambda event: event.person.name == "Robert")
    stage.do("change", user_id=6, host=True)
    joined.wait(PersonChanged, lambda event: event.person.user_id == 6 and event.person.host)
    stage.do("change", user_id=5, video_on=True)  # of which the SDK says nothing
    joined.wait(PersonChanged, lambda event: event.person.user_id == 5 and event.person.video_on)
    stage.do("leave", user_id=5)
    assert joined.wait(PersonLeft) == PersonLeft(5)
    assert joined.wait(OwnState).user_id == 16778240
    assert all(event.person.user_id != 16778240 for event in joined.of(PersonJoined))


def test_the_user_that_we_are_in_for_is_known(bridge: Start, stage: Stage) -> None:
    joined = in_meeting(bridge({"on_behalf_token": "OBF"}, people=[GRACE], authorized_user=6))
    assert not joined.wait(PersonJoined).person.is_authorized_user
    stage.do("join", user_id=6, name="Ada")
    assert joined.wait(PersonJoined, lambda event: event.person.user_id == 6).person.is_authorized_user
    stage.do("status", name="ENDED", reason=8)
    joined.wait(Goodbye)
    assert statuses(joined)[-1] == ("ENDED", 8)


def test_chat_goes_both_ways_and_privately(bridge: Start, stage: Stage) -> None:
    joined = in_meeting(bridge(people=[GRACE]))
    stage.do("chat", user_id=5, text="!blur 50, s'il vous plaît")
    assert joined.wait(ChatHeard) == ChatHeard(5, "Grace", "!blur 50, s'il vous plaît", private=False)
    stage.do("chat", user_id=5, text="!status", private=True)
    assert joined.wait(ChatHeard, lambda line: line.private).text == "!status"
    joined.send(SendChat(1, "Done.", 0))
    joined.send(SendChat(2, "Only for you.", 5))
    assert joined.wait(ChatAnswered, lambda answer: answer.request == 2).error == "SDKERR_SUCCESS"
    stage.wait("chat", text="Done.", to=0, private=False)
    stage.wait("chat", text="Only for you.", to=5, private=True)
    joined.wait(Pong, after=len(joined.events))
    assert [line.sender_id for line in joined.of(ChatHeard)] == [5, 5]  # and not ourselves


@pytest.mark.parametrize("error", ["SDKERR_NO_PERMISSION", "SDKERR_TOO_FREQUENT_CALL"])
def test_chat_that_is_refused_is_answered_with_the_reason(bridge: Start, error: str) -> None:
    joined = in_meeting(bridge(send_chat=error))
    joined.send(SendChat(3, "Hello", 0))
    assert joined.wait(ChatAnswered) == ChatAnswered(3, error)


def test_what_may_be_said_is_told(bridge: Start, stage: Stage) -> None:
    joined = in_meeting(bridge())
    assert joined.wait(ChatRights) == ChatRights(to_all=True, privately=True)
    for rights, told in (
        ({"off": True}, (False, False)),
        ({"can_chat": False}, (False, False)),
        ({"to_all": False, "privately": False, "only_host": True}, (False, True)),
        ({"to_all": True, "privately": False}, (True, False)),
    ):
        after = len(joined.events)
        stage.do("chat_rights", **rights)
        heard = joined.wait(ChatRights, after=after)
        assert (heard.to_all, heard.privately) == told


def test_a_line_of_any_length_is_cut_and_comes(bridge: Start, stage: Stage) -> None:
    joined = in_meeting(bridge(people=[GRACE | {"name": "G" * 5000}]))
    assert len(joined.wait(PersonJoined).person.name) == 200
    stage.do("chat", user_id=5, text="\u20ac" * 9000)
    assert joined.wait(ChatHeard).text == "\u20ac" * 8000


def test_notices_are_accepted_and_told(bridge: Start, stage: Stage) -> None:
    joined = in_meeting(bridge())
    joined.wait(ChatRights)
    stage.do("remind", title="This meeting is being recorded", text="By staying you agree.")
    accepted = DisclaimerAccepted("This meeting is being recorded", "By staying you agree.")
    assert joined.wait(DisclaimerAccepted) == accepted
    stage.wait("accepted", title="This meeting is being recorded")


def test_a_notice_before_the_door_is_accepted_there(bridge: Start, stage: Stage) -> None:
    waiting = bridge(script=[{"do": "status", "name": "IN_WAITING_ROOM"}], early_reminders=True)
    waiting.wait(MeetingStatus)
    stage.do("remind", title="Recorded", text="By joining you agree.")
    assert waiting.wait(DisclaimerAccepted).title == "Recorded"
    stage.wait("accepted", title="Recorded")


@pytest.mark.parametrize("call", ["JoinVoip", "setExternalVideoSource", "setExternalAudioSource"])
def test_what_the_sdk_was_not_ready_for_is_tried_again(bridge: Start, stage: Stage, call: str) -> None:
    joined = bridge(refuse_once=[call])
    assert joined.wait(MediaRefused).call == call
    joined.wait(AudioWanted)
    on_camera(joined)
    assert len(joined.of(MediaRefused)) == 1
    stage.wait("video", on=True)


# Rooms


def test_after_a_reconnection_everything_is_there_again(bridge: Start, stage: Stage) -> None:
    joined = on_camera(bridge(people=[GRACE], size=[320, 180, 30]))
    stage.do("status", name="RECONNECTING")
    joined.wait(MeetingStatus, lambda event: event.status == "MEETING_STATUS_RECONNECTING")
    joined.show(320, 180, 40)  # pictures go on meanwhile
    stage.see(lambda header, i420: i420[:1] == b"\x28")
    stage.do("join", user_id=6, name="Bob")
    after = len(joined.events)
    stage.do("status", name="INMEETING")
    joined.wait(PersonJoined, lambda event: event.person.user_id == 6)
    on_camera(joined, stop_of_camera(joined, after))
    joined.show(320, 180, 41)
    stage.see(lambda header, i420: i420[:1] == b"\x29")
    assert joined.of(Fault) == []


def test_breakout_rooms_are_followed_there_and_back(bridge: Start, stage: Stage) -> None:
    joined = on_camera(bridge(people=[GRACE], size=[320, 180, 30]))
    after = len(joined.events)
    stage.do("breakout")
    assert joined.wait(BreakoutRoom) == BreakoutRoom(inside=True)
    on_camera(joined, stop_of_camera(joined, after))
    joined.show(320, 180, 51)
    stage.see(lambda header, i420: i420[:1] == b"\x33")
    assert calls(stage).count("setExternalVideoSource") == 2
    assert calls(stage).count("JoinBo") == 1
    stage.do("chat", user_id=5, text="in here")
    joined.wait(ChatHeard)
    after = len(joined.events)
    stage.do("call_back")
    joined.wait(BreakoutRoom, lambda event: not event.inside)
    on_camera(joined, stop_of_camera(joined, after))
    assert joined.of(Fault) == []
    assert joined.end() == 0


def test_a_camera_that_the_host_stopped_stays_so_in_the_next_room(bridge: Start, stage: Stage) -> None:
    joined = on_camera(bridge(size=[320, 180, 30]))
    stage.do("stop_video")
    joined.wait(VideoWanted, lambda event: not event.wanted)
    time.sleep(1.7)  # what goes off shortly before a move goes off because of it
    after = len(stage.notes)
    stage.do("breakout")
    joined.wait(BreakoutRoom)
    stage.wait("call", after, name="setExternalVideoSource")
    stage.wait("video", after, on=False)
    assert not any(note.get("on") is True for note in stage.notes[after:])


def test_back_in_the_waiting_room_nothing_of_the_meeting_is_asked(bridge: Start, stage: Stage) -> None:
    joined = on_camera(bridge(people=[GRACE]))
    stage.do("status", name="IN_WAITING_ROOM")
    joined.wait(VideoWanted, lambda event: not event.wanted)
    joined.send(SendChat(1, "Hello?", 0))
    assert joined.wait(ChatAnswered).error == "SDKERR_NOT_IN_MEETING"
    joined.wait(Pong, after=len(joined.events))
    after = len(joined.events)
    stage.do("status", name="INMEETING")
    joined.wait(VideoWanted, lambda event: event.wanted, after)
    assert joined.of(Fault) == []
