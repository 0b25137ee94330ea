"""Who is in a meeting and what is said there, against the double."""

from __future__ import annotations

import pytest
from zoom_lab.awaiting import GRACE, Start, in_meeting, on_camera, statuses
from zoom_lab.stage import Stage

from eyeline.integrations.zoom.bridge.messages import (
    AudioWanted,
    ChatAnswered,
    ChatHeard,
    ChatRights,
    DisclaimerAccepted,
    Goodbye,
    MediaRefused,
    MeetingStatus,
    OwnState,
    PersonChanged,
    PersonJoined,
    PersonLeft,
    Pong,
    SendChat,
)


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
