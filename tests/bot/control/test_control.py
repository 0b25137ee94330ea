"""What commands do to the picture."""

from __future__ import annotations

from pathlib import Path

import pytest
from control_lab import BY_ALICE, BY_BOB, OPERATOR, ControlLab

from eyeline.bot.control import commands as say
from eyeline.bot.control.caller import Caller, Origin
from eyeline.bot.control.outcome import Reason
from eyeline.processing.effects import EffectState, Exposure, People, parse_background


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
async def test_backgrounds(lab: ControlLab, command: say.Command, background: str) -> None:
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
    lab: ControlLab, command: say.Command, wanted: dict[str, object], told: str
) -> None:
    assert await lab.does(command) == told
    report = lab.control.report
    assert report.model_dump(mode="json", include=set(wanted)) == wanted
    if wanted.get("mirror") is not False and wanted.get("exposure") != "off":
        changed = say.Undo()
        await lab.does(changed)
        assert lab.stage.effects == EffectState(parse_background("color:#808080"))


async def test_switches_change_over(lab: ControlLab) -> None:
    before = lab.stage.effects
    for command in (say.Mirror(), say.Follow(), say.Lighting(), say.Company()):
        await lab.does(command)
        assert lab.stage.effects != before
        await lab.does(command)
        assert lab.stage.effects == before


async def test_several_things_are_changed_together_or_not_at_all(lab: ControlLab) -> None:
    before = lab.stage.effects
    outcome = await lab.refuses(say.SetEffects(mirror=True, background="beech"))
    assert (outcome.reason, outcome.suggestions) == (Reason.UNKNOWN, ("beach", "peach"))
    outcome = await lab.refuses(say.SetEffects(mirror=True, framing="crop:90,90,90,90"))
    assert outcome.reason is Reason.IMPOSSIBLE
    assert lab.stage.effects == before


async def test_following_shows_nothing_that_was_cut_off(lab: ControlLab) -> None:
    await lab.does(say.Framing(framing="crop:25,0,50,100"))
    await lab.does(say.Follow(on=True))
    assert lab.control.report.framing == "auto:25,0,50,100"
    await lab.does(say.Follow(on=False))
    assert lab.control.report.framing == "crop:25,0,50,100"
    await lab.does(say.Framing(framing="off"))
    assert lab.control.report.framing == "off"


async def test_the_allowed_reveal_nothing(lab: ControlLab) -> None:
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


async def test_what_only_this_machine_asks_for(lab: ControlLab, tmp_path: Path) -> None:
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


async def test_steps_go_round(lab: ControlLab) -> None:
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
    lab: ControlLab, command: say.Command, reason: Reason, suggestions: tuple[str, ...]
) -> None:
    outcome = await lab.refuses(command)
    assert (outcome.reason, outcome.suggestions) == (reason, suggestions)
    assert lab.stage.background == "color:#808080"


async def test_a_background_that_cannot_be_read_changes_nothing(lab: ControlLab, tmp_path: Path) -> None:
    (tmp_path / "gallery" / "broken.png").write_bytes(b"not a picture")
    outcome = await lab.refuses(say.SetBackground(name="broken"))
    assert outcome.reason is Reason.IMPOSSIBLE
    assert lab.stage.background == "color:#808080"


async def test_the_list_is_numbered(lab: ControlLab) -> None:
    message = await lab.does(say.ListBackgrounds())
    for number, name in enumerate(lab.stage.gallery.names(), 1):
        assert f"#{number} {name}" in message


@pytest.mark.parametrize("command", [say.Camera(number=2)])
async def test_a_stage_that_is_not_built_says_so(lab: ControlLab, command: say.Command) -> None:
    assert (await lab.refuses(command)).reason is Reason.NOT_BUILT


async def test_the_gaze_keeps_its_mode_and_strength(lab: ControlLab) -> None:
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


async def test_undo_goes_back_step_by_step(lab: ControlLab) -> None:
    assert (await lab.refuses(say.Undo())).reason is Reason.NOT_NOW
    for color in ("#111111", "#222222", "#222222", "#333333"):
        await lab.does(say.SetColor(color=color))
    seen = []
    for _ in range(3):
        await lab.does(say.Undo())
        seen.append(lab.stage.background)
    assert seen == ["color:#222222", "color:#111111", "color:#808080"]
    await lab.refuses(say.Undo())


async def test_undo_never_shows_the_room(lab: ControlLab) -> None:
    await lab.does(say.SetBackground(name="beach"))
    await lab.does(say.ShowRoom())
    await lab.does(say.SetColor(color="#111111"))
    await lab.does(say.Undo())
    assert lab.stage.background == "beach"
    await lab.does(say.ShowRoom())
    await lab.does(say.Undo())
    assert lab.stage.background == "beach"
