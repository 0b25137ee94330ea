"""A bridge's camera and microphone, against the double."""

from __future__ import annotations

from types import SimpleNamespace

from zoom_lab.awaiting import Start, calls, in_meeting, on_camera, stop_of_camera
from zoom_lab.double import make_sdk
from zoom_lab.stage import Stage
from zoom_lab.values import capability

from eyeline.integrations.zoom.bridge.hold import Held
from eyeline.integrations.zoom.bridge.messages import (
    AudioWanted,
    Fault,
    MediaRefused,
    MeetingStatus,
    OwnState,
    Pong,
    Sent,
    SetAudioMuted,
    SetVideoMuted,
    VideoSize,
    VideoWanted,
)
from eyeline.integrations.zoom.bridge.video_out import VideoOut


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
    stage.do("stop_audio")
    joined.wait(AudioWanted, lambda event: not event.wanted)
    joined.speak(16000, 1, b"not now!")
    for _ in range(2):  # by then it was read
        joined.wait(Pong, after=len(joined.events))
    stage.do("start_audio")
    joined.wait(AudioWanted, lambda event: event.wanted, joined.events.index(AudioWanted(wanted=False)))
    joined.speak(8000, 7, b"abcdef")
    assert joined.wait(Fault).where == "sound"
    assert not any(note.get("rate_hz") == 16000 for note in stage.notes)


def test_nothing_is_published_that_was_not_asked_for(bridge: Start, stage: Stage) -> None:
    listening = in_meeting(bridge({"send_video": False, "send_audio": False}))
    listening.wait(Sent)
    joined = stage.wait("join")
    assert joined["isVideoOff"]
    assert joined["isAudioOff"]
    assert calls(stage) == []
    assert listening.of(VideoSize) == listening.of(AudioWanted) == []


def test_a_sender_that_zoom_took_back_is_not_touched_again() -> None:
    class Sender:
        sent = 0

        def sendVideoFrame(self, *_picture: object) -> SimpleNamespace:  # noqa: N802
            self.sent += 1
            return SimpleNamespace(name="SDKERR_SUCCESS")

    loop = SimpleNamespace(watch=lambda descriptor, readable: None, after=lambda delay_ms, due: None)
    video = VideoOut(Held(make_sdk(None), print), loop, None, -1, lambda event: None)
    sender = Sender()
    video._initialized(sender, [], capability(32, 18, 30))
    video._start()
    video._uninitialized()
    video._start()
    assert sender.sent == 1
