"""Commands about the stay: on the air or not, sound, words, help, leaving, and what is told of it all."""

from __future__ import annotations

import asyncio

from control_lab import BY_NOBODY, OPERATOR, ControlLab
from jitsi_lab.waiting import eventually
from steering_lab import RoomInMemory

from eyeline.bot.control import commands as say
from eyeline.bot.control.outcome import Reason
from eyeline.integrations.events import MediaKind
from eyeline.processing.effects import EffectState, parse_background
from eyeline.processing.outgoing_video import VideoState


async def test_panic_is_instant_while_effects_are_prepared(lab: ControlLab) -> None:
    lab.stage.capture()
    await eventually(lambda: lab.stage.video.state is VideoState.LIVE, what="a picture")
    lab.stage.preparing.clear()
    slow = asyncio.create_task(lab.does(say.SetBackground(name="beach")))
    await asyncio.sleep(0.05)
    assert "card" in await lab.does(say.Panic())
    assert lab.stage.video.state is VideoState.CARD
    assert not slow.done()
    lab.stage.preparing.set()
    assert "card stays" in await slow
    lab.stage.capture()
    await asyncio.sleep(0.2)
    assert lab.stage.video.state is VideoState.CARD
    assert lab.control.report.panic

    assert await lab.does(say.Undo())
    await lab.does(say.Microphone(on=True))
    assert lab.stage.video.hidden
    await lab.does(say.Video(on=True))
    assert not lab.stage.video.hidden
    assert not lab.control.report.panic


async def test_a_panic_while_the_video_comes_back_wins(lab: ControlLab) -> None:
    await lab.does(say.Video(on=False))
    async with lab.control._on_air._changing:
        coming = asyncio.create_task(lab.asks(say.Video(on=True)))
        await asyncio.sleep(0)
        await lab.does(say.Panic())
    assert (await coming).reason is Reason.NOT_NOW
    assert lab.stage.video.hidden


async def test_video_off_hides_and_mutes(lab: ControlLab) -> None:
    await lab.does(say.Video(on=False))
    assert lab.stage.video.hidden
    assert lab.room.muted[MediaKind.VIDEO] is True
    assert not lab.control.report.video
    await lab.does(say.Video(on=True))
    assert lab.room.muted[MediaKind.VIDEO] is False
    assert not lab.stage.video.hidden
    assert lab.control.report.video


async def test_a_moderator_may_keep_the_video_off(lab: ControlLab) -> None:
    await lab.does(say.Video(on=False))
    lab.room.moderated = True
    outcome = await lab.refuses(say.Video(on=True))
    assert outcome.reason is Reason.FAILED
    assert "moderator" in outcome.message.casefold()
    assert lab.stage.video.hidden
    assert not lab.control.report.video


async def test_without_a_meeting_the_camera_itself_stops(lab: ControlLab) -> None:
    lab.control.lose_meeting()
    await lab.does(say.Video(on=False))
    assert lab.stage.paused
    await lab.does(say.Video(on=True))
    assert not lab.stage.paused


async def test_what_was_asked_for_holds_in_the_next_meeting(lab: ControlLab) -> None:
    await lab.does(say.Video(on=False))
    await lab.does(say.Microphone(on=False))
    lab.control.lose_meeting()
    again = RoomInMemory({})
    await lab.control.settle_in(again)
    assert again.muted == {MediaKind.VIDEO: True, MediaKind.AUDIO: True}
    await lab.does(say.Microphone(on=True))
    assert again.muted[MediaKind.AUDIO] is False


async def test_the_microphone(lab: ControlLab) -> None:
    await lab.does(say.Microphone(on=False))
    assert lab.room.muted[MediaKind.AUDIO] is True
    assert not lab.control.report.microphone
    await lab.does(say.Microphone(on=True))
    assert lab.control.report.microphone
    lab.control.notice_muted(MediaKind.AUDIO, True)
    assert not lab.control.report.microphone
    lab.stage.has_sound = False
    assert (await lab.refuses(say.Microphone(on=True))).reason is Reason.NOT_NOW
    await lab.does(say.Microphone(on=False))


async def test_status_tells_what_is_changed(lab: ControlLab) -> None:
    assert "colour #808080" in await lab.does(say.Status(), BY_NOBODY)
    await lab.does(say.ShowRoom())
    assert "room is shown" in await lab.does(say.Status())
    await lab.does(say.Panic())
    assert "panic" in await lab.does(say.Status())
    lab.stage.effects = EffectState(parse_background("/home/ada/secret.png"))
    assert "secret" not in await lab.does(say.Status())


async def test_status_tells_of_trouble_with_the_background_but_not_everybody_which(lab: ControlLab) -> None:
    await lab.control.apply(say.SetBackground(name="beach"), OPERATOR)
    assert lab.control.report.trouble == ""
    (lab.stage.gallery.folder / "beach.png").unlink()
    await eventually(lambda: lab.control.report.trouble != "")
    assert "beach.png is gone" in lab.control.report.trouble
    words = (await lab.control.apply(say.Status(), OPERATOR)).message
    assert "does not show what it should" in words
    assert "beach.png" not in words


async def test_says_a_line_but_no_command(lab: ControlLab) -> None:
    await lab.does(say.Say(text="hello"))
    assert lab.room.said == [("hello", None)]
    for text in ("!bg none", "  /bg none", ".x"):
        assert (await lab.refuses(say.Say(text=text))).reason is Reason.NOT_ALLOWED
    lab.control.lose_meeting()
    assert (await lab.refuses(say.Say(text="hello"))).reason is Reason.NOT_NOW


async def test_leaves_after_the_answer(lab: ControlLab) -> None:
    assert (await lab.refuses(say.Leave())).reason is Reason.NOT_NOW
    left = asyncio.Event()
    lab.control.can_leave(left.set)
    await lab.does(say.Leave())
    assert not left.is_set()
    async with asyncio.timeout(60):
        await left.wait()


async def test_help_is_given_where_there_is_any(lab: ControlLab) -> None:
    assert (await lab.refuses(say.Help())).reason is Reason.NOT_NOW
