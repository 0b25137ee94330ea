"""A bridge's way into a meeting, from room to room and out of it, against the double."""

from __future__ import annotations

import time
from typing import Any

import pytest
from zoom_lab.awaiting import GRACE, Start, calls, in_meeting, on_camera, said, statuses, stop_of_camera
from zoom_lab.stage import Stage

from eyeline.integrations.zoom.bridge.messages import (
    AudioWanted,
    Authenticated,
    BreakoutRoom,
    CallRefused,
    ChatAnswered,
    ChatHeard,
    Fault,
    Goodbye,
    Hello,
    Leave,
    MediaRefused,
    MeetingStatus,
    OwnState,
    PersonJoined,
    Pong,
    SendChat,
    Sent,
    VideoSize,
    VideoWanted,
)


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
