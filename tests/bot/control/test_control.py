"""Every command, on a real picture."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jitsi_lab.waiting import eventually
from steering_lab import RoomInMemory, StillStage, Told, person, still_stage

from eyeline.bot.chat.parser import Parser
from eyeline.bot.claim import ClaimCode
from eyeline.bot.control import commands as say
from eyeline.bot.control.caller import Caller, Origin
from eyeline.bot.control.control import Control, Remembering
from eyeline.bot.control.memory import EffectMemory
from eyeline.bot.control.outcome import Outcome, OutcomeStatus, Reason
from eyeline.bot.control.people import People as Steerers
from eyeline.bot.events import CommandAnswered
from eyeline.bot.owner import OwnerFile, Owners
from eyeline.integrations.events import MediaKind
from eyeline.processing.effects import EffectState, Exposure, People, parse_background
from eyeline.processing.outgoing_video import VideoState

OPERATOR = Caller.operating(Origin.REST)
ALICE, BOB = person("aaaaaaaa", "Alice"), person("bbbbbbbb", "Bob")
BY_ALICE = Caller(Origin.CHAT, "Alice", ALICE.identity)
BY_BOB = Caller(Origin.CHAT, "Bob", BOB.identity)
BY_NOBODY = Caller(Origin.CHAT, "Alice", None)
SERVER = "https://meet.test"


@dataclass
class Lab:
    """A control and what it steers."""

    stage: StillStage
    control: Control
    room: RoomInMemory
    memory: EffectMemory
    codes: list[str]
    events: Told = field(default_factory=list)

    async def asks(self, command: say.Command, caller: Caller = OPERATOR) -> Outcome:
        return await self.control.apply(command, caller)

    async def does(self, command: say.Command, caller: Caller = OPERATOR) -> str:
        outcome = await self.asks(command, caller)
        assert outcome.status is OutcomeStatus.DONE, outcome
        return outcome.message

    async def refuses(self, command: say.Command, caller: Caller = OPERATOR) -> Outcome:
        outcome = await self.asks(command, caller)
        assert outcome.status is not OutcomeStatus.DONE, outcome
        return outcome


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    codes: list[str] = []
    events: Told = []
    async with still_stage(tmp_path) as stage:
        code = ClaimCode(codes.append)
        code.renew()
        memory = EffectMemory(tmp_path / "effects.json")
        people = Steerers(Owners(code), SERVER, OwnerFile(tmp_path / "owners.json"))
        control = Control(stage, people, emit=events.append, remembering=Remembering(memory, "Ada"))
        room = RoomInMemory({"aaaaaaaa": ALICE, "bbbbbbbb": BOB})
        await control.settle_in(room)
        yield Lab(stage, control, room, memory, codes, events)


@pytest.mark.parametrize(
    ("command", "background"),
    [
        (say.SetBackground(name="beach"), "beach"),
        (say.SetBackground(name="peac"), "peach"),
        (say.SetBackground(name="DUSK"), "dusk"),
        (say.PickBackground(number=1), "beach"),
        (say.StepBackground(step=1), "beach"),
        (say.StepBackground(step=-1), "studio"),
        (say.SetColor(color="#204060"), "color:#204060"),
        (say.SetBlur(), "blur:60"),
        (say.SetBlur(strength=40), "blur:40"),
        (say.ShowRoom(), "none"),
    ],
)
async def test_backgrounds(lab: Lab, command: say.Command, background: str) -> None:
    names = lab.stage.gallery.names()
    if isinstance(command, say.PickBackground):
        background = names[0]
    elif isinstance(command, say.StepBackground):
        background = names[0 if command.step > 0 else -1]
    message = await lab.does(command)
    assert lab.stage.background == background
    assert message.startswith("Background: ")
    assert lab.control.report.room_shown is isinstance(command, say.ShowRoom)


@pytest.mark.parametrize(
    ("command", "wanted", "told"),
    [
        (say.Mirror(), {"mirror": True}, "The picture is mirrored."),
        (say.Mirror(on=False), {"mirror": False}, "The picture is not mirrored."),
        (say.Follow(), {"framing": "auto"}, "Framing: follows you."),
        (say.Framing(framing="crop:25,0,50,100"), {"framing": "crop:25,0,50,100"}, "Framing: a part of the picture."),
        (say.Lighting(), {"exposure": "lift"}, "A dark picture is made brighter."),
        (say.Lighting(exposure=Exposure.OFF), {"exposure": "off"}, "The light is left as it is."),
        (say.Company(), {"people": "nearest"}, "Only the nearest person stays."),
        (
            say.SetEffects(background="beach", mirror=True, framing="auto", exposure=Exposure.LIFT),
            {"background": "beach", "mirror": True, "framing": "auto", "exposure": "lift"},
            "Background: beach; follows you; mirrored; brightened where it is dark.",
        ),
    ],
)
async def test_everything_else_in_the_picture(
    lab: Lab, command: say.Command, wanted: dict[str, object], told: str
) -> None:
    assert await lab.does(command) == told
    report = lab.control.report
    assert report.model_dump(mode="json", include=set(wanted)) == wanted
    if wanted.get("mirror") is not False and wanted.get("exposure") != "off":
        changed = say.Undo()
        await lab.does(changed)
        assert lab.stage.effects == EffectState(parse_background("color:#808080"))


async def test_switches_change_over(lab: Lab) -> None:
    before = lab.stage.effects
    for command in (say.Mirror(), say.Follow(), say.Lighting(), say.Company()):
        await lab.does(command)
        assert lab.stage.effects != before
        await lab.does(command)
        assert lab.stage.effects == before


async def test_several_things_are_changed_together_or_not_at_all(lab: Lab) -> None:
    before = lab.stage.effects
    outcome = await lab.refuses(say.SetEffects(mirror=True, background="beech"))
    assert (outcome.reason, outcome.suggestions) == (Reason.UNKNOWN, ("beach", "peach"))
    outcome = await lab.refuses(say.SetEffects(mirror=True, framing="crop:90,90,90,90"))
    assert outcome.reason is Reason.IMPOSSIBLE
    assert lab.stage.effects == before


async def test_following_shows_nothing_that_was_cut_off(lab: Lab) -> None:
    await lab.does(say.Framing(framing="crop:25,0,50,100"))
    await lab.does(say.Follow(on=True))
    assert lab.control.report.framing == "auto:25,0,50,100"
    await lab.does(say.Follow(on=False))
    assert lab.control.report.framing == "crop:25,0,50,100"
    await lab.does(say.Framing(framing="off"))
    assert lab.control.report.framing == "off"


async def test_the_allowed_reveal_nothing(lab: Lab) -> None:
    """Neither more of the room, nor other people, nor a room that is hardly blurred; not even by undoing."""
    await lab.does(say.Claim(code=lab.codes[-1]), BY_ALICE)
    await lab.does(say.Allow(who="Bob"), BY_ALICE)
    for command in (say.Mirror(), say.Lighting(), say.Follow(), say.Company(people=People.NEAREST), say.SetBlur()):
        await lab.does(command, BY_BOB)
    await lab.does(say.Framing(framing="crop:25,0,50,100"), BY_ALICE)
    before = lab.stage.effects
    for command in (
        say.Undo(),
        say.Framing(framing="off"),
        say.Framing(framing="auto"),
        say.Framing(framing="auto:20,0,50,100"),
        say.Company(people=People.EVERYONE),
        say.Company(),
        say.SetBlur(strength=1),
        say.SetEffects(background="none"),
    ):
        assert (await lab.refuses(command, BY_BOB)).reason is Reason.NOT_ALLOWED, command
        assert lab.stage.effects == before
    await lab.does(say.Framing(framing="auto:30,0,40,100"), BY_BOB)
    await lab.does(say.Company(), BY_ALICE)


async def test_what_only_this_machine_asks_for(lab: Lab, tmp_path: Path) -> None:
    """Files and screens of this machine: not even the owner of the camera gets them by way of a meeting."""
    path = tmp_path / "gallery" / "beach.png"
    await lab.does(say.Claim(code=lab.codes[-1]), BY_ALICE)
    for caller in (BY_ALICE, BY_BOB, OPERATOR):
        assert (await lab.refuses(say.WriteBackground(text=str(path)), caller)).reason is Reason.NOT_ALLOWED
    told = await lab.does(say.WriteBackground(text=str(path)), Caller.operating(Origin.PREVIEW))
    assert told == "Background: a file."
    assert str(tmp_path) not in lab.control.report.words()
    with pytest.raises(ValueError):
        say.COMMANDS.validate_python({"kind": "written_background", "text": "none"})


async def test_steps_go_round(lab: Lab) -> None:
    names = lab.stage.gallery.names()
    seen = []
    for _ in range(len(names) + 1):
        await lab.does(say.StepBackground(step=1))
        seen.append(lab.stage.background)
    assert seen == [*names, names[0]]
    await lab.does(say.StepBackground(step=-1))
    assert lab.stage.background == names[-1]


@pytest.mark.parametrize(
    ("command", "reason", "suggestions"),
    [
        (say.SetBackground(name="beac"), Reason.UNKNOWN, ("beach", "beacon")),
        (say.SetBackground(name="beech"), Reason.UNKNOWN, ("beach", "peach")),
        (say.SetBackground(name="../../etc/passwd"), Reason.UNKNOWN, ()),
        (say.SetBackground(name="none"), Reason.UNKNOWN, ()),
        (say.PickBackground(number=1000), Reason.UNKNOWN, ()),
    ],
)
async def test_what_is_not_there_changes_nothing(
    lab: Lab, command: say.Command, reason: Reason, suggestions: tuple[str, ...]
) -> None:
    outcome = await lab.refuses(command)
    assert (outcome.reason, outcome.suggestions) == (reason, suggestions)
    assert lab.stage.background == "color:#808080"


async def test_a_background_that_cannot_be_read_changes_nothing(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "gallery" / "broken.png").write_bytes(b"not a picture")
    outcome = await lab.refuses(say.SetBackground(name="broken"))
    assert outcome.reason is Reason.IMPOSSIBLE
    assert lab.stage.background == "color:#808080"


async def test_the_list_is_numbered(lab: Lab) -> None:
    message = await lab.does(say.ListBackgrounds())
    for number, name in enumerate(lab.stage.gallery.names(), 1):
        assert f"#{number} {name}" in message


@pytest.mark.parametrize("command", [say.Camera(number=2)])
async def test_a_stage_that_is_not_built_says_so(lab: Lab, command: say.Command) -> None:
    assert (await lab.refuses(command)).reason is Reason.NOT_BUILT


async def test_the_gaze_keeps_its_mode_and_strength(lab: Lab) -> None:
    seen = []
    for command in (
        say.Gaze(),
        say.Gaze(strength=60),
        say.Gaze(mode="teleprompter"),
        say.Gaze(strength=0),
        say.Gaze(),
        say.Gaze(mode="off"),
        say.Gaze(mode="natural", strength=100),
    ):
        message = await lab.does(command)
        seen.append(str(lab.stage.effects.gaze))
        assert message.startswith("Gaze: ")
    assert seen == ["natural:100", "natural:60", "teleprompter:60", "off", "natural:60", "off", "natural:100"]
    assert lab.control.report.gaze == "natural:100"
    assert lab.stage.background == "color:#808080"
    await lab.does(say.Undo())
    assert str(lab.stage.effects.gaze) == "off"


async def test_undo_goes_back_step_by_step(lab: Lab) -> None:
    assert (await lab.refuses(say.Undo())).reason is Reason.NOT_NOW
    for color in ("#111111", "#222222", "#222222", "#333333"):
        await lab.does(say.SetColor(color=color))
    seen = []
    for _ in range(3):
        await lab.does(say.Undo())
        seen.append(lab.stage.background)
    assert seen == ["color:#222222", "color:#111111", "color:#808080"]
    await lab.refuses(say.Undo())


async def test_undo_never_shows_the_room(lab: Lab) -> None:
    await lab.does(say.SetBackground(name="beach"))
    await lab.does(say.ShowRoom())
    await lab.does(say.SetColor(color="#111111"))
    await lab.does(say.Undo())
    assert lab.stage.background == "beach"
    await lab.does(say.ShowRoom())
    await lab.does(say.Undo())
    assert lab.stage.background == "beach"


async def test_panic_is_instant_while_effects_are_prepared(lab: Lab) -> None:
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


async def test_a_panic_while_the_video_comes_back_wins(lab: Lab) -> None:
    await lab.does(say.Video(on=False))
    async with lab.control._on_air._changing:
        coming = asyncio.create_task(lab.asks(say.Video(on=True)))
        await asyncio.sleep(0)
        await lab.does(say.Panic())
    assert (await coming).reason is Reason.NOT_NOW
    assert lab.stage.video.hidden


async def test_video_off_hides_and_mutes(lab: Lab) -> None:
    await lab.does(say.Video(on=False))
    assert lab.stage.video.hidden
    assert lab.room.muted[MediaKind.VIDEO] is True
    assert not lab.control.report.video
    await lab.does(say.Video(on=True))
    assert lab.room.muted[MediaKind.VIDEO] is False
    assert not lab.stage.video.hidden
    assert lab.control.report.video


async def test_a_moderator_may_keep_the_video_off(lab: Lab) -> None:
    await lab.does(say.Video(on=False))
    lab.room.moderated = True
    outcome = await lab.refuses(say.Video(on=True))
    assert outcome.reason is Reason.FAILED
    assert "moderator" in outcome.message.casefold()
    assert lab.stage.video.hidden
    assert not lab.control.report.video


async def test_without_a_meeting_the_camera_itself_stops(lab: Lab) -> None:
    lab.control.lose_meeting()
    await lab.does(say.Video(on=False))
    assert lab.stage.paused
    await lab.does(say.Video(on=True))
    assert not lab.stage.paused


async def test_what_was_asked_for_holds_in_the_next_meeting(lab: Lab) -> None:
    await lab.does(say.Video(on=False))
    await lab.does(say.Microphone(on=False))
    lab.control.lose_meeting()
    again = RoomInMemory({})
    await lab.control.settle_in(again)
    assert again.muted == {MediaKind.VIDEO: True, MediaKind.AUDIO: True}
    await lab.does(say.Microphone(on=True))
    assert again.muted[MediaKind.AUDIO] is False


async def test_the_microphone(lab: Lab) -> None:
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


async def test_status_tells_what_is_changed(lab: Lab) -> None:
    assert "colour #808080" in await lab.does(say.Status(), BY_NOBODY)
    await lab.does(say.ShowRoom())
    assert "room is shown" in await lab.does(say.Status())
    await lab.does(say.Panic())
    assert "panic" in await lab.does(say.Status())
    lab.stage.effects = EffectState(parse_background("/home/ada/secret.png"))
    assert "secret" not in await lab.does(say.Status())


async def test_status_tells_of_trouble_with_the_background_but_not_everybody_which(lab: Lab) -> None:
    await lab.control.apply(say.SetBackground(name="beach"), OPERATOR)
    assert lab.control.report.trouble == ""
    (lab.stage.gallery.folder / "beach.png").unlink()
    await eventually(lambda: lab.control.report.trouble != "")
    assert "beach.png is gone" in lab.control.report.trouble
    words = (await lab.control.apply(say.Status(), OPERATOR)).message
    assert "does not show what it should" in words
    assert "beach.png" not in words


async def test_says_a_line_but_no_command(lab: Lab) -> None:
    await lab.does(say.Say(text="hello"))
    assert lab.room.said == [("hello", None)]
    for text in ("!bg none", "  /bg none", ".x"):
        assert (await lab.refuses(say.Say(text=text))).reason is Reason.NOT_ALLOWED
    lab.control.lose_meeting()
    assert (await lab.refuses(say.Say(text="hello"))).reason is Reason.NOT_NOW


async def test_leaves_after_the_answer(lab: Lab) -> None:
    assert (await lab.refuses(say.Leave())).reason is Reason.NOT_NOW
    left = asyncio.Event()
    lab.control.can_leave(left.set)
    await lab.does(say.Leave())
    assert not left.is_set()
    async with asyncio.timeout(60):
        await left.wait()


async def test_help_is_given_where_there_is_any(lab: Lab) -> None:
    assert (await lab.refuses(say.Help())).reason is Reason.NOT_NOW


async def test_strangers_may_only_ask(lab: Lab) -> None:
    for caller in (BY_ALICE, BY_NOBODY):
        for command in (
            say.SetBackground(name="beach"),
            say.Panic(),
            say.Video(on=False),
            say.Leave(),
            say.Undo(),
            say.Allow(who="Alice"),
        ):
            assert (await lab.refuses(command, caller)).reason is Reason.NOT_ALLOWED
    assert not lab.stage.video.hidden
    assert lab.stage.background == "color:#808080"


async def test_who_knows_the_code_is_the_owner(lab: Lab) -> None:
    code = lab.codes[-1]
    assert (await lab.refuses(say.Claim(code=code), BY_NOBODY)).reason is Reason.NOT_NOW
    await lab.does(say.Claim(code=code), BY_ALICE)
    await lab.does(say.SetBackground(name="beach"), BY_ALICE)
    await lab.refuses(say.Claim(code=code), BY_BOB)
    await lab.refuses(say.SetBackground(name="peach"), BY_BOB)
    assert lab.stage.background == "beach"


async def test_the_allowed_change_the_picture_and_no_more(lab: Lab) -> None:
    await lab.does(say.Claim(code=lab.codes[-1]), BY_ALICE)
    assert "bbbbbbbb" in await lab.does(say.Allow(who="bob"), BY_ALICE)
    for command in (say.SetBackground(name="beach"), say.SetBlur(), say.Undo(), say.Panic(), say.Microphone(on=False)):
        await lab.does(command, BY_BOB)
    for command in (
        say.ShowRoom(),
        say.Video(on=True),
        say.Microphone(on=True),
        say.Say(text="x"),
        say.Leave(),
        say.Allow(who="Bob"),
    ):
        assert (await lab.refuses(command, BY_BOB)).reason is Reason.NOT_ALLOWED
    await lab.does(say.Deny(who="@Bob"), BY_ALICE)
    for command in (say.SetBlur(), say.Status(), say.Claim(code=lab.codes[-1])):
        await lab.refuses(command, BY_BOB)


@pytest.mark.parametrize(
    ("who", "reason"),
    [("Nobody", Reason.UNKNOWN), ("Al", Reason.UNKNOWN), ("Twin", Reason.UNKNOWN), ("Ghost", Reason.NOT_NOW)],
)
async def test_a_name_that_does_not_tell_who_stands_for_nobody(lab: Lab, who: str, reason: Reason) -> None:
    twins = {"cccccccc": person("cccccccc", "Twin"), "dddddddd": person("dddddddd", "twin")}
    lab.room.participants = {**lab.room.participants, **twins, "eeeeeeee": person("eeeeeeee", "Ghost", known=False)}
    assert (await lab.refuses(say.Allow(who=who))).reason is reason
    if who == "Twin":
        assert set((await lab.refuses(say.Deny(who=who))).suggestions) == {"cccccccc", "dddddddd"}
        await lab.does(say.Allow(who="cccccccc"))


async def test_nobody_denies_themselves(lab: Lab) -> None:
    await lab.does(say.Claim(code=lab.codes[-1]), BY_ALICE)
    await lab.refuses(say.Deny(who="Alice"), BY_ALICE)
    await lab.does(say.SetBlur(), BY_ALICE)


async def test_the_owners_choice_is_remembered_but_never_the_room(lab: Lab) -> None:
    def recalled() -> str:
        effects = lab.memory.recall("ada", lab.stage.gallery)
        return str(effects.background) if effects else ""

    await lab.does(say.SetBackground(name="beach"))
    assert recalled() == "beach"
    await lab.does(say.ShowRoom())
    assert recalled() == "beach"
    await lab.does(say.Allow(who="Bob"))
    await lab.does(say.SetBackground(name="peach"), BY_BOB)
    assert recalled() == "beach"


async def test_everything_is_noted_but_no_code(lab: Lab) -> None:
    code = lab.codes[-1]
    await lab.does(say.Claim(code=code), BY_ALICE)
    await lab.refuses(say.SetBlur(), BY_BOB)
    entries = lab.control.audit.entries
    assert [(each.caller.name, each.command, each.outcome.status.value) for each in entries] == [
        ("Alice", "claim", "done"),
        ("Bob", "blur", "refused"),
    ]
    assert [each.command for each in lab.events if isinstance(each, CommandAnswered)] == ["claim", "blur"]
    assert code not in repr(entries)
    assert code not in repr(lab.events)
    assert code not in repr(say.Claim(code=code))


async def test_a_failure_of_our_own_is_an_outcome(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(lab.stage.video, "hide", fail)
    outcome = await lab.refuses(say.Panic())
    assert outcome.reason is Reason.FAILED
    assert "a bug" not in outcome.message


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(max_size=60), word=st.sampled_from(["bg", "blur", "color", "say", "allow", "deny", "video", "claim"])
)
def test_any_line_has_an_outcome(tmp_path_factory: pytest.TempPathFactory, text: str, word: str) -> None:
    async def apply() -> None:
        async with still_stage(tmp_path_factory.mktemp("stage")) as stage:
            control = Control(stage, Steerers(), emit=lambda _: None)
            request = Parser().parse(f"!{word} {text}")
            if request is not None and not isinstance(request.wish, Outcome):
                assert isinstance(await control.apply(request.wish, OPERATOR), Outcome)

    asyncio.run(apply())
