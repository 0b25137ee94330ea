"""Who may give which command, what is kept of it, and that every line has an outcome."""

from __future__ import annotations

import asyncio

import pytest
from control_lab import BY_ALICE, BY_BOB, BY_NOBODY, OPERATOR, ControlLab
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from steering_lab import person, still_stage

from eyeline.bot.chat.parser import Parser
from eyeline.bot.control import commands as say
from eyeline.bot.control.control import Control
from eyeline.bot.control.outcome import Outcome, Reason
from eyeline.bot.control.people import People as Steerers
from eyeline.bot.events import CommandAnswered


async def test_strangers_may_only_ask(lab: ControlLab) -> None:
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


async def test_who_knows_the_code_is_the_owner(lab: ControlLab) -> None:
    code = lab.codes[-1]
    assert (await lab.refuses(say.Claim(code=code), BY_NOBODY)).reason is Reason.NOT_NOW
    await lab.does(say.Claim(code=code), BY_ALICE)
    await lab.does(say.SetBackground(name="beach"), BY_ALICE)
    await lab.refuses(say.Claim(code=code), BY_BOB)
    await lab.refuses(say.SetBackground(name="peach"), BY_BOB)
    assert lab.stage.background == "beach"


async def test_the_allowed_change_the_picture_and_no_more(lab: ControlLab) -> None:
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
async def test_a_name_that_does_not_tell_who_stands_for_nobody(lab: ControlLab, who: str, reason: Reason) -> None:
    twins = {"cccccccc": person("cccccccc", "Twin"), "dddddddd": person("dddddddd", "twin")}
    lab.room.participants = {**lab.room.participants, **twins, "eeeeeeee": person("eeeeeeee", "Ghost", known=False)}
    assert (await lab.refuses(say.Allow(who=who))).reason is reason
    if who == "Twin":
        assert set((await lab.refuses(say.Deny(who=who))).suggestions) == {"cccccccc", "dddddddd"}
        await lab.does(say.Allow(who="cccccccc"))


async def test_nobody_denies_themselves(lab: ControlLab) -> None:
    await lab.does(say.Claim(code=lab.codes[-1]), BY_ALICE)
    await lab.refuses(say.Deny(who="Alice"), BY_ALICE)
    await lab.does(say.SetBlur(), BY_ALICE)


async def test_the_owners_choice_is_remembered_but_never_the_room(lab: ControlLab) -> None:
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


async def test_everything_is_noted_but_no_code(lab: ControlLab) -> None:
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


async def test_a_failure_of_our_own_is_an_outcome(lab: ControlLab, monkeypatch: pytest.MonkeyPatch) -> None:
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
