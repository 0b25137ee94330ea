"""A membership, played by a puppet: what each word of the bridge's means for whoever follows the meeting."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest
from jitsi_lab.tracks import PlainPicture, Tone
from jitsi_lab.waiting import eventually
from zoom_leftovers import tidy
from zoom_puppet import (
    BEGUN,
    CONNECTING,
    IN_MEETING,
    JOINED,
    SUCCESS,
    TAKE_PICTURES,
    answer_chat,
    die,
    heard,
    pause,
    say,
    says,
    status,
)
from zoom_stage import LINK, beside_user, staged

from eyeline.config.errors import EyelineError, UsageError
from eyeline.integrations.errors import (
    AuthorizedUserLeftError,
    ChatRefusedError,
    ConnectionLostError,
    KickedError,
    MuteRefusedError,
)
from eyeline.integrations.events import (
    Advice,
    ChatReceived,
    Ended,
    Identity,
    IdentityKind,
    MediaConnected,
    MediaKind,
    MediaLost,
    Muted,
    ParticipantChanged,
    ParticipantJoined,
    ParticipantLeft,
    VideoSending,
    VideoWanted,
    Waiting,
    WaitingFor,
)
from eyeline.integrations.zoom.bridge import messages
from eyeline.integrations.zoom.bridge.messages import Begin, SendChat, SetAudioMuted, SetVideoMuted, VideoSize
from eyeline.integrations.zoom.bridge_errors import BridgeLostError
from eyeline.integrations.zoom.token import SdkToken
from eyeline.integrations.zoom.url import ZoomLink

__all__ = ["tidy"]

pytestmark = pytest.mark.usefixtures("tidy")

WANTED = [say(VideoSize(640, 360, 30)), say(messages.VideoWanted(True))]


def own(*, video_on: bool = True, may_start: bool = True, audio_muted: bool = False) -> messages.OwnState:
    return messages.OwnState(1, video_on, may_start, audio_muted)


def person(user_id: int = 7, name: str = "Bob", **changes: object) -> messages.Person:
    usual = {"host": False, "persistent_id": "", "video_on": True, "audio_muted": False, "is_authorized_user": False}
    return messages.Person(user_id, name, **{**usual, **changes})


def moments(stage: object, *kinds: type[object]) -> list[object]:
    return [event for event in stage.events if isinstance(event, kinds)]


async def test_from_the_waiting_room_to_the_end(tmp_path: Path) -> None:
    steps = [
        *BEGUN,
        *says(SUCCESS, CONNECTING, status("WAITINGFORHOST"), CONNECTING, status("IN_WAITING_ROOM"), IN_MEETING),
        *WANTED,
    ]
    async with staged(tmp_path, steps, video=PlainPicture((0, 0, 255))) as stage:
        await stage.told(MediaConnected)
    assert [(each.what, each.reason) for each in stage.of(Waiting)] == [
        (WaitingFor.SERVER, "connecting to Zoom"),
        (WaitingFor.SERVER, "connecting to the meeting"),
        (WaitingFor.MODERATOR, "waiting for the host to start the meeting"),
        (WaitingFor.SERVER, "connecting to the meeting"),
        (WaitingFor.LOBBY, "waiting in the waiting room to be let in"),
        (WaitingFor.MEDIA, "waiting for Zoom to take the picture"),
    ]
    assert stage.ended.error is None


async def test_what_the_bridge_is_told(tmp_path: Path) -> None:
    link = ZoomLink(0, vanity_id="ada", passcode="", token="tk-of-ada", web_domain="https://zoomgov.com")
    async with staged(tmp_path, JOINED, link=link, passcode="typed", tokens=beside_user, audio=Tone()) as stage:
        [begin] = stage.notes.of(Begin)
    assert (begin.meeting_number, begin.vanity_id, begin.web_domain) == (0, "ada", "https://zoomgov.com")
    assert (begin.name, begin.passcode, begin.join_token) == ("Ada", "typed", "tk-of-ada")
    assert SdkToken.read(begin.sdk_jwt).app_key == "the-app"
    assert (begin.zak, begin.on_behalf_token) == ("", "the-obf")
    assert (begin.send_video, begin.send_audio) == (False, True)
    assert not (Path("/dev/shm") / begin.ring.name).exists()


async def test_the_passcode_of_the_link_wins(tmp_path: Path) -> None:
    async with staged(tmp_path, JOINED, passcode="typed") as stage:
        assert stage.notes.of(Begin)[0].passcode == LINK.passcode


async def test_without_a_picture_one_is_in_at_once(tmp_path: Path) -> None:
    async with staged(tmp_path, JOINED, audio=Tone()) as stage:
        await stage.told(MediaConnected)
    assert WaitingFor.MEDIA not in [each.what for each in stage.of(Waiting)]


async def test_pictures_come_at_the_size_that_zoom_wants(tmp_path: Path) -> None:
    """And only while it takes them."""
    steps = [
        *(*JOINED, say(VideoSize(640, 360, 30)), pause(0.5)),
        *(say(messages.VideoWanted(True)), TAKE_PICTURES),
    ]
    async with staged(tmp_path, steps, video=PlainPicture((255, 0, 0), 320, 180)) as stage:
        await eventually(lambda: len(stage.notes.pictures) > 5, what="pictures")
        width_px, height_px, luma, blue = stage.notes.pictures[-1]
    assert (width_px, height_px) == (640, 360)
    assert abs(luma - 41) < 4  # blue in limited-range BT.601
    assert abs(blue - 240) < 4
    assert [each.max_height_px for each in stage.of(VideoWanted)] == [360]
    assert stage.of(VideoSending) == [VideoSending("camera", (360,), "wanted")]


async def test_a_picture_of_another_shape_has_bars(tmp_path: Path) -> None:
    steps = [*JOINED, say(VideoSize(640, 360, 30)), say(messages.VideoWanted(True)), TAKE_PICTURES]
    async with staged(tmp_path, steps, video=PlainPicture((255, 255, 255), 240, 180)) as stage:
        await eventually(lambda: stage.notes.pictures, what="a picture")
        width_px, height_px, luma, _ = stage.notes.pictures[-1]
    assert (width_px, height_px) == (640, 360)
    assert abs(luma - (235 * 0.75 + 16 * 0.25)) < 4


async def test_a_new_size_is_followed(tmp_path: Path) -> None:
    sizes = [say(VideoSize(320, 180, 30)), say(messages.VideoWanted(True)), say(VideoSize(1280, 720, 30))]
    async with staged(tmp_path, [*JOINED, *sizes, TAKE_PICTURES], video=PlainPicture((0, 0, 0))) as stage:
        await eventually(lambda: stage.notes.pictures and stage.notes.pictures[-1][:2] == (1280, 720), what="the size")
    assert [each.heights_px for each in stage.of(VideoSending)] == [(180,), (720,)]


async def test_a_size_of_our_own_is_the_most(tmp_path: Path) -> None:
    sizes = [say(VideoSize(1280, 720, 30)), say(messages.VideoWanted(True))]
    video = PlainPicture((0, 0, 0))
    async with staged(tmp_path, [*JOINED, *sizes, TAKE_PICTURES], video=video, max_height_px=360) as stage:
        await eventually(lambda: stage.notes.pictures, what="a picture")
        assert stage.notes.pictures[-1][:2] == (640, 360)
    assert [each.heights_px for each in stage.of(VideoSending)] == [(360,)]


async def test_sound_is_handed_over_while_it_is_wanted(tmp_path: Path) -> None:
    steps = [*JOINED, say(messages.AudioWanted(True)), TAKE_PICTURES]
    async with staged(tmp_path, steps, audio=Tone()) as stage:
        await eventually(lambda: len(stage.notes.sounds) > 10, what="sound")
        assert set(stage.notes.sounds) == {(48_000, 1, 1920)}
        await stage.meeting.set_muted(MediaKind.AUDIO, True)
        await eventually(lambda: stage.notes.of(SetAudioMuted), what="the command")
        heard_before = len(stage.notes.sounds)
        await asyncio.sleep(0.5)
        assert len(stage.notes.sounds) <= heard_before + 3  # what was on its way


async def test_no_picture_leaves_while_we_are_muted(tmp_path: Path) -> None:
    steps = [*JOINED, *WANTED, TAKE_PICTURES]
    async with staged(tmp_path, steps, video=PlainPicture((0, 0, 0))) as stage:
        await eventually(lambda: stage.notes.pictures, what="a picture")
        await stage.meeting.set_muted(MediaKind.VIDEO, True)
        assert stage.notes.of(SetVideoMuted) or await eventually(lambda: stage.notes.of(SetVideoMuted))
        seen = len(stage.notes.pictures)
        await asyncio.sleep(0.5)
        assert len(stage.notes.pictures) <= seen + 2
        await stage.meeting.set_muted(MediaKind.VIDEO, False)
        await eventually(lambda: len(stage.notes.pictures) > seen + 5, what="pictures again")
    assert [(each.muted, each.by) for each in stage.of(Muted)] == [(True, ""), (False, "")]


async def test_video_that_the_host_stops_stays_stopped(tmp_path: Path) -> None:
    stopped = [say(own(video_on=False, may_start=False)), say(messages.VideoWanted(False))]
    steps = [*JOINED, *WANTED, say(own()), *stopped, TAKE_PICTURES]
    async with staged(tmp_path, steps, video=PlainPicture((0, 0, 0))) as stage:
        await stage.told(VideoWanted, lambda each: each.max_height_px == 0)
        with pytest.raises(MuteRefusedError):
            await stage.meeting.set_muted(MediaKind.VIDEO, False)
        await asyncio.sleep(0.3)
        assert stage.notes.of(SetVideoMuted) == []
    assert stage.of(Muted) == [Muted(MediaKind.VIDEO, True, by="the host")]


async def test_video_comes_back_when_the_host_allows_and_we_ask(tmp_path: Path) -> None:
    stopped = says(own(), own(video_on=False), messages.VideoWanted(False))
    again = [heard(SetVideoMuted), *says(own(), messages.VideoWanted(True))]
    async with staged(tmp_path, [*JOINED, *WANTED, *stopped, *again], video=PlainPicture((0, 0, 0))) as stage:
        await stage.told(Muted)
        await stage.meeting.set_muted(MediaKind.VIDEO, False)
        await stage.told(VideoWanted, lambda each: each.max_height_px == 360 and len(stage.of(VideoWanted)) == 3)
    assert [(each.muted, each.by) for each in stage.of(Muted)] == [(True, "the host"), (False, "")]
    assert stage.notes.of(SetVideoMuted) == [SetVideoMuted(False)]


async def test_who_may_not_start_video_from_the_first_is_in_all_the_same(tmp_path: Path) -> None:
    steps = [*JOINED, say(own(video_on=False, may_start=False))]
    async with staged(tmp_path, steps, video=PlainPicture((0, 0, 0))) as stage:
        await stage.told(MediaConnected)
    assert stage.of(Muted) == [Muted(MediaKind.VIDEO, True, by="the host")]


async def test_a_refused_start_is_the_hosts_word(tmp_path: Path) -> None:
    steps = [*JOINED, *says(messages.MediaRefused("UnmuteVideo", "SDKERR_NO_PERMISSION"))]
    async with staged(tmp_path, steps, video=PlainPicture((0, 0, 0)), audio=Tone()) as stage:
        assert (await stage.told(Muted)).kind is MediaKind.VIDEO
        await stage.told(MediaConnected)


async def test_what_the_sdk_does_not_take_is_told(tmp_path: Path) -> None:
    steps = [*JOINED, *says(messages.MediaRefused("sendVideoFrame", "SDKERR_INTERNAL_ERROR"))]
    async with staged(tmp_path, steps, video=PlainPicture((0, 0, 0))) as stage:
        assert "sendVideoFrame" in (await stage.told(Advice)).text
    assert stage.of(Muted) == []


async def test_a_host_who_mutes_our_sound(tmp_path: Path) -> None:
    steps = [*JOINED, *says(own(audio_muted=True), own(), own(audio_muted=True), own())]
    async with staged(tmp_path, steps, audio=Tone()) as stage:
        await stage.told(Muted, lambda each: not each.muted)
    assert stage.of(Muted) == [Muted(MediaKind.AUDIO, True, by="the host"), Muted(MediaKind.AUDIO, False)]


async def test_reconnecting_keeps_pictures_flowing(tmp_path: Path) -> None:
    steps = [*JOINED, *WANTED, *says(own(), status("RECONNECTING"), own(video_on=False)), TAKE_PICTURES]
    async with staged(tmp_path, steps, video=PlainPicture((0, 0, 0))) as stage:
        await stage.told(MediaLost)
        await eventually(lambda: len(stage.notes.pictures) > 5, what="pictures")
    assert stage.of(Muted) == []


async def test_reconnected(tmp_path: Path) -> None:
    steps = [*JOINED, *WANTED, *says(own(), status("RECONNECTING"), IN_MEETING)]
    async with staged(tmp_path, steps, video=PlainPicture((0, 0, 0))) as stage:
        await stage.told(MediaConnected, lambda _: len(stage.of(MediaConnected)) == 2)
    assert len(moments(stage, MediaConnected, MediaLost)) == 3


async def test_a_breakout_room_and_back(tmp_path: Path) -> None:
    there = says(status("JOIN_BREAKOUT_ROOM"), messages.BreakoutRoom(True), messages.VideoWanted(False))
    back = says(status("LEAVE_BREAKOUT_ROOM"), messages.BreakoutRoom(False), messages.VideoWanted(False))
    arrived = says(IN_MEETING, messages.VideoWanted(True))
    async with staged(
        tmp_path, [*JOINED, *WANTED, *there, *arrived, *back, *arrived], video=PlainPicture((0, 0, 0))
    ) as stage:
        await stage.told(MediaConnected, lambda _: len(stage.of(MediaConnected)) == 3)
    assert [each.code for each in stage.of(Advice)] == ["breakout_room", "breakout_room"]
    assert len(stage.of(MediaLost)) == 2


async def test_put_back_into_the_waiting_room(tmp_path: Path) -> None:
    async with staged(tmp_path, [*JOINED, say(status("IN_WAITING_ROOM"))]) as stage:
        await stage.told(MediaLost)
        assert (await stage.told(Waiting)).what is WaitingFor.LOBBY
        with pytest.raises(ConnectionLostError):
            await stage.meeting.send_chat("Hello?")


async def test_people(tmp_path: Path) -> None:
    steps = [
        *JOINED,
        *says(
            messages.PersonJoined(person(7, "Bob\n\x00", host=True)),
            messages.PersonJoined(person(8, "Eve", persistent_id="{AB}")),
            messages.PersonChanged(person(7, "Bob", video_on=False)),
            messages.PersonChanged(person(7, "Bob", video_on=False)),
            messages.PersonLeft(8),
            messages.PersonLeft(99),
        ),
    ]
    async with staged(tmp_path, steps) as stage:
        await stage.told(ParticipantLeft)
        assert list(stage.meeting.participants) == ["7"]
    bob, eve = (each.participant for each in stage.of(ParticipantJoined))
    assert (bob.id, bob.name, bob.moderator, bob.video_muted) == ("7", "Bob", True, False)
    assert bob.identity == Identity(IdentityKind.OCCUPANT, "user:7")
    assert eve.identity == Identity(IdentityKind.OCCUPANT, "persistent:{AB}")
    [changed] = stage.of(ParticipantChanged)
    assert (changed.participant.moderator, changed.participant.video_muted) == (False, True)


async def test_chat_both_ways(tmp_path: Path) -> None:
    steps = [
        *JOINED,
        answer_chat("SDKERR_SUCCESS"),
        *says(messages.PersonJoined(person()), messages.ChatHeard(7, "Bob", "!status", True)),
    ]
    async with staged(tmp_path, steps) as stage:
        line = await stage.told(ChatReceived)
        assert (line.sender_id, line.text, line.private) == ("7", "!status", True)
        assert line.identity == Identity(IdentityKind.OCCUPANT, "user:7")
        await stage.meeting.send_chat("Fine.", to=line.sender_id)
        await stage.meeting.send_chat("Hello all.")
        with pytest.raises(UsageError):
            await stage.meeting.send_chat("Who?", to="99")
        for text in ("", " \x00 ", "x" * 1001):
            with pytest.raises(UsageError):
                await stage.meeting.send_chat(text)
    assert [(each.text, each.to) for each in stage.notes.of(SendChat)] == [("Fine.", 7), ("Hello all.", 0)]


async def test_lines_that_come_too_fast_for_zoom_are_said_later(tmp_path: Path) -> None:
    steps = [*JOINED, answer_chat("SDKERR_TOO_FREQUENT_CALL", "SDKERR_SUCCESS")]
    async with staged(tmp_path, steps) as stage:
        await stage.meeting.send_chat("Hello.")
    assert [each.text for each in stage.notes.of(SendChat)] == ["Hello.", "Hello."]


async def test_a_line_that_is_not_allowed(tmp_path: Path) -> None:
    async with staged(tmp_path, [*JOINED, answer_chat("SDKERR_NO_PERMISSION")]) as stage:
        with pytest.raises(ChatRefusedError, match="host"):
            await stage.meeting.send_chat("Hello.")


async def test_a_chat_that_is_switched_off(tmp_path: Path) -> None:
    rights = says(messages.ChatRights(True, True), messages.ChatRights(False, False), messages.PersonJoined(person()))
    async with staged(tmp_path, [*JOINED, *rights]) as stage:
        await stage.told(ParticipantJoined)
        with pytest.raises(ChatRefusedError):
            await stage.meeting.send_chat("Hello.")
        with pytest.raises(ChatRefusedError):
            await stage.meeting.send_chat("Hello.", to="7")
    assert [each.code for each in stage.of(Advice)] == ["chat_off"]
    assert stage.notes.of(SendChat) == []


async def test_a_chat_for_private_lines_only(tmp_path: Path) -> None:
    rights = says(messages.PersonJoined(person()), messages.ChatRights(False, True))
    async with staged(tmp_path, [*JOINED, *rights, answer_chat("SDKERR_SUCCESS")]) as stage:
        await stage.told(Advice)
        await stage.meeting.send_chat("Psst.", to="7")
        with pytest.raises(ChatRefusedError):
            await stage.meeting.send_chat("Hello.")


async def test_lines_that_wait_when_it_ends_fail(tmp_path: Path) -> None:
    async with staged(tmp_path, [*JOINED, heard(SendChat), say(status("ENDED", 2))]) as stage:
        with pytest.raises(EyelineError, match="host ended"):
            await stage.meeting.send_chat("Hello.")


async def test_notices_are_accepted_told_and_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    notice = messages.DisclaimerAccepted("Recording", "This meeting is being recorded.\nYou agree.")
    async with staged(tmp_path, [*JOINED, say(notice)]) as stage:
        advice = await stage.told(Advice)
    assert advice.code == "disclaimer_accepted"
    assert "being recorded. You agree." in advice.text
    assert "being recorded" in caplog.text


async def test_news_that_change_nothing(tmp_path: Path) -> None:
    news = says(*(status(word) for word in ("LOCKED", "UNLOCKED", "WEBINAR_DEPROMOTE", "DISCONNECTING", "QUITE_NEW")))
    async with staged(tmp_path, [*JOINED, *news, say(messages.PersonJoined(person()))]) as stage:
        await stage.told(ParticipantJoined)
    assert [each.code for each in stage.of(Advice)] == ["meeting_locked", "meeting_unlocked", "webinar_attendee"]


@pytest.mark.parametrize(
    ("reason", "kind", "words"),
    [
        (1, KickedError, "removed us"),
        (2, EyelineError, "host ended"),
        (8, AuthorizedUserLeftError, "on whose behalf"),
        (77, EyelineError, "number 77"),
    ],
)
async def test_the_end_says_why(tmp_path: Path, reason: int, kind: type[EyelineError], words: str) -> None:
    async with staged(tmp_path, [*JOINED, pause(0.2), say(status("ENDED", reason))]) as stage:
        ended = await stage.told(Ended)
    assert isinstance(ended.error, kind)
    assert words in ended.error.message
    assert len(stage.notes.pids) == 1


async def test_the_one_on_whose_behalf_we_are_in_leaves(tmp_path: Path) -> None:
    there = messages.PersonJoined(person(7, is_authorized_user=True))
    steps = [*JOINED, *says(there, messages.PersonLeft(7)), pause(0.2), say(status("ENDED", 8))]
    async with staged(tmp_path, steps, tokens=beside_user) as stage:
        ended = await stage.told(Ended)
    assert [each.code for each in stage.of(Advice)] == ["authorized_user_left"]
    assert isinstance(ended.error, AuthorizedUserLeftError)


async def test_a_bridge_that_crashes_in_the_meeting(tmp_path: Path) -> None:
    async with staged(tmp_path, [*JOINED, pause(0.2), die(signal.SIGSEGV)]) as stage:
        ended = await stage.told(Ended)
        assert isinstance(ended.error, BridgeLostError)
        assert "SIGSEGV" in ended.error.message
        with pytest.raises(ConnectionLostError):
            await stage.meeting.send_chat("Hello?")


async def test_a_goodbye_without_a_reason(tmp_path: Path) -> None:
    async with staged(tmp_path, [*JOINED, pause(0.2), say(messages.Goodbye())]) as stage:
        assert isinstance((await stage.told(Ended)).error, ConnectionLostError)
